package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spendledger.demo.LedgerClient.Operation;
import dev.spendledger.demo.LedgerClient.TreeSpend;
import dev.spendledger.demo.LedgerClient.Verdict;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** The page in a real browser, at a real ledger. */
@Timeout(300)
class PageIT {
    private static final Duration SHOWS_WITHIN = Duration.ofSeconds(20);
    private static final String ACCOUNT = "account";
    /** Costs 12,000 micros. */
    private static final AgentPlan.Message MESSAGE = new AgentPlan.Message(Model.GPT_4_1, 2_000, 1_000);

    @TempDir
    private static Path dir;

    private static EmbeddedLedger ledger;
    private static LedgerClient client;

    @TempDir
    Path profile;

    private Browser browser;

    @BeforeAll
    static void startLedger() throws Exception {
        ledger = EmbeddedLedger.start(Map.of(), OptionalInt.of(0), dir);
        client = new LedgerClient(ledger.url(), trouble -> {});
    }

    @AfterAll
    static void stopLedger() {
        ledger.close();
    }

    @BeforeEach
    void startBrowser() {
        browser = Browser.start(profile);
    }

    @AfterEach
    void stopBrowser() {
        if (browser != null) { // Else the test was skipped for want of one.
            browser.close();
        }
    }

    private static URI page(String view) {
        return ledger.url().resolve("/#/" + view);
    }

    @Test
    void shouldShowATreeGrowStopAndGoOnOnceItsLimitIsRaised() throws Exception {
        // Given
        client.createRoot("growing", ACCOUNT, 60_000);
        client.createChild("growing-child", "growing", "growing", ACCOUNT);
        client.post("growing-1", "growing", "growing", ACCOUNT, MESSAGE);
        await().atMost(SHOWS_WITHIN)
                .until(() -> client.treeSpend("growing").equals(Optional.of(new TreeSpend(12_000, 2, 1))));
        browser.open(page("tree/growing"));
        browser.awaitText(".facts", "$0.012");
        browser.awaitText(".state", "within");
        browser.awaitText(".chats tbody tr:nth-child(2) .id", "growing-child");

        // When it grows
        for (int i = 2; i <= 5; i++) {
            client.post("growing-" + i, "growing-child", "growing", ACCOUNT, MESSAGE);
        }

        // Then
        browser.awaitText(".state", "exhausted");
        browser.awaitText(".why", "Stopped because it has spent $0.06 of $0.06.");
        browser.awaitText(".chats tbody tr:nth-child(1) .own", "$0.012");
        browser.awaitText(".chats tbody tr:nth-child(1) .below", "$0.06");
        browser.awaitText(".chats tbody tr:nth-child(2) .own", "$0.048");
        assertThat(browser.attribute(".plot", "aria-label")).contains("$0.06 spent", "The limit is $0.06");
        browser.awaitText("#warnings", "100 %: $0.06 of $0.06");

        // When its limit is raised
        browser.press("Change limit");
        browser.fill("dialog [name=amount]", "1.5");
        browser.fill("dialog [name=name]", "Ada");
        browser.press("Set limit");

        // Then
        browser.awaitText(".state", "within");
        browser.awaitText(".why", "Its limit was set by Ada");
        assertThat(client.check("growing", "growing", Operation.SPAWN)).isEqualTo(new Verdict.Allowed());

        // When it goes on
        client.post("growing-6", "growing", "growing", ACCOUNT, MESSAGE);

        // Then
        browser.awaitText(".facts", "$0.072");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void shouldFreezeATreeAndLetItGoOn() throws Exception {
        // Given
        client.createRoot("freezing", ACCOUNT, 60_000);
        client.post("freezing-1", "freezing", "freezing", ACCOUNT, MESSAGE);
        browser.open(page("tree/freezing"));
        browser.awaitText(".state", "within");

        // When
        browser.press("Freeze");
        browser.fill("dialog [name=reason]", "It loops.");
        browser.type(Keys.ENTER);

        // Then
        browser.awaitText(".state", "frozen");
        browser.awaitText(".why", "“It loops.”");
        assertThat(client.check("freezing", "freezing", Operation.SPAWN)).isEqualTo(new Verdict.Frozen());

        // When
        browser.press("Unfreeze");
        browser.tabTo("dialog .main");
        browser.type(Keys.ENTER);

        // Then
        browser.awaitText(".state", "within");
        assertThat(client.check("freezing", "freezing", Operation.SPAWN)).isEqualTo(new Verdict.Allowed());
    }

    @Test
    void shouldListTheTreesAndOpenOneByKeyboard() throws Exception {
        // Given
        client.createRoot("listed", ACCOUNT, 60_000);
        client.createChild("listed-child", "listed", "listed", ACCOUNT);
        client.createChild("listed-grandchild", "listed-child", "listed", ACCOUNT);
        client.post("listed-1", "listed-grandchild", "listed", ACCOUNT, MESSAGE);
        browser.open(page(""));
        browser.awaitText(".trees", "listed");

        // When
        browser.tabTo("a[href='#/tree/listed']");
        browser.type(Keys.ENTER);

        // Then
        browser.awaitText("h1", "listed");
        browser.awaitText(".chats tbody", "listed-grandchild");

        // When
        browser.tabTo(".chats tbody tr");
        browser.type(Keys.DOWN, Keys.LEFT);

        // Then
        assertThat(browser.focused("data-id")).isEqualTo("listed-child");
        assertThat(browser.focused("aria-expanded")).isEqualTo("false");
        assertThat(browser.count(".chats tbody tr")).isEqualTo(2);

        // When
        browser.type(Keys.RIGHT, Keys.RIGHT);

        // Then
        assertThat(browser.focused("data-id")).isEqualTo("listed-grandchild");
        assertThat(browser.focused("aria-level")).isEqualTo("3");
    }

    @Test
    void shouldShowThePeriodOfAnAccountAndSetItsLimit() throws Exception {
        // Given
        client.createRoot("of-zoe", "zoe", 60_000);
        client.post("of-zoe-1", "of-zoe", "of-zoe", "zoe", MESSAGE);
        browser.open(page("account/zoe"));
        browser.awaitText(".facts", "$0.012");
        browser.awaitText(".facts", "none");

        // When
        browser.press("Set a limit of its own");
        browser.fill("dialog [name=amount]", "0.01");
        browser.press("Set limit");

        // Then
        browser.awaitText(".state", "exhausted");
        browser.awaitText(".facts", "$0.01, its own");

        // When
        browser.press("Remove limit");
        browser.tabTo("dialog .main");
        browser.type(Keys.ENTER);

        // Then
        browser.awaitText(".state", "within");
    }

    @Test
    void shouldSayThatNothingIsKnownOfAnAccountThatHasSpentNothingAndHasNoLimit() {
        // When
        browser.open(page("account/nobody"));

        // Then
        browser.awaitText(".note", "Nothing is known of this account");
        assertThat(browser.count(".state")).isZero();
    }

    @Test
    void shouldSayThatItsAccountStopsATree() throws Exception {
        // Given
        client.limitAccount("spent", 12_000);
        client.createRoot("held", "spent", 60_000);
        client.post("held-1", "held", "held", "spent", MESSAGE);

        // When
        browser.open(page("tree/held"));

        // Then
        browser.awaitText(".state", "stopped by its account");
        browser.awaitText(".why", "Stopped because its account has spent $0.012 of $0.012");
    }

    @Test
    void shouldShowWhoHasSetALimitToTheSameValue() throws Exception {
        // Given
        client.createRoot("set-again", ACCOUNT, 60_000);
        browser.open(page("tree/set-again"));
        browser.awaitText(".why", "Its limit was given when it was created");

        // When
        HttpRequest request = HttpRequest.newBuilder(ledger.url().resolve("/v1/chats/set-again/limit"))
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString("{\"spend_limit_micros\": 60000, \"set_by\": \"Ada\"}"))
                .build();
        assertThat(HttpClient.newHttpClient()
                        .send(request, BodyHandlers.discarding())
                        .statusCode())
                .isEqualTo(200);

        // Then
        browser.awaitText(".why", "Its limit was set by Ada");
    }

    @Test
    void shouldDrawNoChartOfNothing() throws Exception {
        // Given
        client.createRoot("idle", ACCOUNT, 60_000);
        browser.open(page("tree/idle"));
        browser.awaitText("#view", "Nothing is spent yet.");
        assertThat(browser.count(".plot")).isZero();

        // When
        client.post("idle-1", "idle", "idle", ACCOUNT, MESSAGE);

        // Then
        await().atMost(SHOWS_WITHIN).until(() -> browser.count(".plot canvas") == 1);
    }

    @Test
    void shouldFitAPhone() throws Exception {
        // Given
        String root = "phone-" + "x".repeat(100);
        client.createRoot(root, ACCOUNT, 60_000);
        client.post("phone-1", root, root, ACCOUNT, MESSAGE);
        browser.beAPhone(360, 780);

        // When
        browser.open(page(""));

        // Then
        browser.awaitText(".trees", root);
        assertThat(browser.widthBeyondTheScreen()).isZero();

        // When
        browser.open(page("tree/" + root));

        // Then
        browser.awaitText(".chats tbody", root);
        await().atMost(SHOWS_WITHIN).until(() -> browser.count(".plot canvas") == 1);
        assertThat(browser.widthBeyondTheScreen()).isZero();
    }

    @Test
    void shouldShowTheSameInTheDark() throws Exception {
        // Given
        client.createRoot("dark", ACCOUNT, 60_000);
        client.post("dark-1", "dark", "dark", ACCOUNT, MESSAGE);
        browser.open(page("tree/dark"));
        browser.awaitText(".facts", "$0.012");
        String light = browser.background();

        // When
        browser.beDark();

        // Then
        assertThat(browser.background()).isNotEqualTo(light);
        browser.awaitText(".facts", "$0.012");
    }

    @Test
    void shouldSayWhatTheLedgerSaysOfAChatThatNobodyKnows() {
        // When
        browser.open(page("tree/nobody"));

        // Then
        browser.awaitText("[role=alert]", "Nothing is known of chat nobody.");
    }

    @Test
    void shouldShowNoWarningInAnotherCurrencyThanTheLedgers(@TempDir Path ofAnother) throws Exception {
        try (EmbeddedLedger european =
                EmbeddedLedger.start(Map.of("LEDGER_CURRENCY", "EUR"), OptionalInt.of(0), ofAnother)) {
            // Given a view that cannot tell the currency
            LedgerClient client = new LedgerClient(european.url(), trouble -> {});
            browser.open(european.url().resolve("/#/tree/nobody"));
            browser.awaitText("[role=alert]", "Nothing is known of chat nobody.");
            browser.awaitText("#connection", "Live");

            // When
            client.createRoot("european", ACCOUNT, 12_000);
            client.post("european-1", "european", "european", ACCOUNT, MESSAGE);

            // Then
            browser.awaitText("#warnings", "100 %: 0.012 of 0.012");

            // When
            browser.open(european.url().resolve("/#/tree/european"));

            // Then
            browser.awaitText("#warnings", "100 %: €0.012 of €0.012");
        }
    }

    @Test
    void shouldNotLetAnIdChangeHowTheTextAroundItReads() throws Exception {
        // Given an id with a character that turns what follows it round
        String root = "turned\u202Eabc";
        client.createRoot(root, ACCOUNT, 60_000);
        client.post("turned-1", root, root, ACCOUNT, MESSAGE);
        browser.open(page(""));
        browser.awaitText(".trees a[href='#/tree/turned%E2%80%AEabc'] bdi", "turned<U+202E>abc");

        // When
        browser.open(page("tree/turned%E2%80%AEabc"));

        // Then
        browser.awaitText("h1 bdi", "turned<U+202E>abc");
        browser.awaitText(".chats .id", "turned<U+202E>abc");

        // When
        browser.press("Freeze");

        // Then
        browser.awaitText("dialog h2", "Freeze turned<U+202E>abc?");
        browser.awaitText("dialog h2 bdi", "turned<U+202E>abc");
    }

    @Test
    void shouldSayThatItCannotOpenAnIdThatAnAddressCannotHold() {
        // When
        browser.open(page("tree/.."));

        // Then
        browser.awaitText("[role=alert]", "cannot ask about an id that is . or ..");

        // When
        browser.open(page("account/."));

        // Then
        browser.awaitText("h1", ".");
        browser.awaitText("[role=alert]", "cannot ask about an id that is . or ..");
        assertThat(browser.complaints()).isEmpty();
    }
}
