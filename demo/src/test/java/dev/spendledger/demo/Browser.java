package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/**
 * Chromium without a screen, at a page of the ledger: what a reader sees of it and does to it. The browser and its driver are
 * those of the machine; nothing is fetched.
 */
final class Browser implements AutoCloseable {
    private static final Duration SHOWS_WITHIN = Duration.ofSeconds(20);
    private static final AtomicBoolean MISSED = new AtomicBoolean();

    /** Held, for a logger that nobody holds forgets its level. It misses a library that is made for this browser's version. */
    private static final Logger MISSES_WHAT_IS_NOT_NEEDED = Logger.getLogger("org.openqa.selenium.devtools");

    private final ChromeDriver driver;

    private Browser(ChromeDriver driver) {
        this.driver = driver;
    }

    /**
     * Starts one. On a machine without it the test that calls this is skipped, and that is said once for all tests; under CI
     * the test fails.
     *
     * @param dir where it keeps its profile
     */
    static Browser start(Path dir) {
        Optional<File> browser = program("chromium", "chromium-browser", "google-chrome");
        Optional<File> chromedriver = program("chromedriver");
        if (browser.isEmpty() || chromedriver.isEmpty()) {
            abort("Chromium with its driver is not there (apt-get install chromium chromium-driver)");
        }
        ChromeOptions options = new ChromeOptions()
                .setBinary(browser.get())
                .addArguments(
                        "--headless=new",
                        "--hide-scrollbars",
                        "--no-first-run",
                        "--disable-dev-shm-usage",
                        "--user-data-dir=" + dir);
        if (System.getProperty("user.name").equals("root")) { // As which its sandbox does not start.
            options.addArguments("--no-sandbox");
        }
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        options.setCapability(ChromeOptions.LOGGING_PREFS, logs);
        MISSES_WHAT_IS_NOT_NEEDED.setLevel(Level.SEVERE);
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(chromedriver.get())
                .usingAnyFreePort()
                .build();
        return new Browser(new ChromeDriver(service, options));
    }

    private static void abort(String missing) {
        assertThat(System.getenv("CI")).as("%s, and CI skips no test", missing).isNull();
        if (MISSED.compareAndSet(false, true)) {
            System.out.println("[WARNING] " + missing + ": the tests that need it are skipped.");
        }
        Assumptions.abort(missing);
    }

    private static Optional<File> program(String... names) {
        List<String> folders = List.of(System.getenv("PATH").split(File.pathSeparator));
        return Stream.of(names)
                .flatMap(name -> folders.stream().map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .map(Path::toFile)
                .findFirst();
    }

    void open(URI page) {
        driver.get(page.toString());
    }

    URI address() {
        return URI.create(driver.getCurrentUrl());
    }

    /** Makes it show as a phone does, of so many CSS pixels. */
    void beAPhone(int width, int height) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 2, "mobile", true));
    }

    /** Makes it show as on a screen, of so many CSS pixels. */
    void beAScreen(int width, int height) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    }

    /** Makes it want dark colours, as its user may have set. */
    void beDark() {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", "dark"))));
    }

    /** The colour that the page is drawn on. */
    String background() {
        return (String) driver.executeScript("return getComputedStyle(document.body).backgroundColor");
    }

    /** What the screen shows, as a PNG. */
    byte[] picture() {
        return driver.getScreenshotAs(OutputType.BYTES);
    }

    /** What the reader sees of the first element that the CSS selector finds; empty = there is none. */
    String text(String selector) {
        return (String) driver.executeScript("return document.querySelector(arguments[0])?.innerText ?? ''", selector);
    }

    /** An attribute of it; empty = it has none. */
    String attribute(String selector, String name) {
        return (String) driver.executeScript(
                "return document.querySelector(arguments[0])?.getAttribute(arguments[1]) ?? ''", selector, name);
    }

    /** How many elements the CSS selector finds. */
    long count(String selector) {
        return (Long) driver.executeScript("return document.querySelectorAll(arguments[0]).length", selector);
    }

    /** How much wider the document is than the screen, in CSS pixels: what has to be scrolled sideways. */
    long widthBeyondTheScreen() {
        return (Long) driver.executeScript("return document.documentElement.scrollWidth - innerWidth");
    }

    /** Waits until the page shows so. It changes by itself, and an element may be gone by the time that it is looked at. */
    void awaitText(String selector, String part) {
        await().atMost(SHOWS_WITHIN)
                .untilAsserted(() -> assertThat(text(selector)).as(selector).contains(part));
    }

    /** Presses the button that says so. */
    void press(String button) {
        driver.findElement(By.xpath("//button[normalize-space()='" + button + "']"))
                .click();
    }

    /** Writes into a field, in place of what is in it. */
    void fill(String selector, String value) {
        WebElement field = driver.findElement(By.cssSelector(selector));
        field.clear();
        field.sendKeys(value);
    }

    /** Presses keys, wherever the focus is. */
    void type(CharSequence... keys) {
        new Actions(driver).sendKeys(keys).perform();
    }

    /** Goes on by the tab key until the focus is on what the CSS selector finds, as who has no mouse does. */
    void tabTo(String selector) {
        for (int i = 0; i < 100; i++) {
            type(Keys.TAB);
            if (isFocused(selector)) {
                return;
            }
        }
        throw new AssertionError("The tab key does not reach " + selector);
    }

    boolean isFocused(String selector) {
        return (Boolean) driver.executeScript("return document.activeElement.matches(arguments[0])", selector);
    }

    /** An attribute of what has the focus; empty = it has none. */
    String focused(String attribute) {
        return (String)
                driver.executeScript("return document.activeElement.getAttribute(arguments[0]) ?? ''", attribute);
    }

    /** What the page has complained of to the browser's console since the last call. */
    List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .map(LogEntry::toString)
                .toList();
    }

    @Override
    public void close() {
        driver.quit();
    }
}
