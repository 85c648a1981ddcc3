package dev.spendledger.demo;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Takes the pictures of the README. Its name is no test's, so no build runs it: {@code docs/screenshots/make} does, with
 * {@code ledger.url}, the ledger that the demo has run on, and {@code ledger.screenshots}, where they go.
 */
class Screenshots {
    private static final URI URL = URI.create(System.getProperty("ledger.url", ""));
    private static final Path TO = Path.of(System.getProperty("ledger.screenshots", ""));
    private static final int WIDTH = 1_200;
    private static final int HEIGHT_OF_TREES = 352;

    /** So long that the chart of the tree and all warnings are on it. */
    private static final int HEIGHT_OF_TREE = 1_000;

    @TempDir
    Path profile;

    @Test
    void take() throws IOException {
        try (Browser browser = Browser.start(profile)) {
            takeBoth(browser, "");
            browser.beDark();
            takeBoth(browser, "-dark");
        }
    }

    private static void takeBoth(Browser browser, String suffix) throws IOException {
        browser.beAScreen(WIDTH, HEIGHT_OF_TREES);
        browser.open(URL.resolve("/#/"));
        browser.awaitText(".trees tbody", "chat-1");
        browser.awaitText("#warnings", "Account account-2");
        Files.write(TO.resolve("trees" + suffix + ".png"), browser.picture());
        browser.beAScreen(WIDTH, HEIGHT_OF_TREE);
        browser.open(URL.resolve("/#/tree/chat-1"));
        browser.awaitText(".chats tbody", "chat-1");
        Files.write(TO.resolve("tree" + suffix + ".png"), browser.picture());
    }
}
