package dev.spendledger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.spendledger.api.runtime.LedgerInstance;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.api.testing.CommandRun;
import dev.spendledger.api.testing.Events;
import dev.spendledger.api.testing.Http;
import dev.spendledger.api.testing.Http.Reply;
import dev.spendledger.api.testing.TestLedger;
import dev.spendledger.schemas.Topic;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two instances that know their callers by tokens, and each other by a secret. */
class AccessIT {
    private static final Duration WITHIN = Duration.ofSeconds(60);
    private static final String CHECK = "token-of-a-chat-service";
    private static final String SECRET = "secret-of-the-instances";
    private static final int TREES = 40;

    @TempDir
    static Path dir;

    private static Path tokens;
    private static Path secret;
    private static TestLedger ledger;
    private static LedgerInstance second;

    @BeforeAll
    static void start() throws Exception {
        tokens = Files.writeString(dir.resolve("tokens"), "check " + CHECK + "\n");
        secret = Files.writeString(dir.resolve("secret"), SECRET + "\n");
        ledger = TestLedger.start(
                dir.resolve("first"),
                Map.of(
                        Setting.API_TOKENS_FILE, tokens.toString(),
                        Setting.INTERNAL_TOKEN_FILE, secret.toString()));
        second = ledger.startBeside(
                Map.of(Setting.STATE_DIR, dir.resolve("second").toString()), Map.of());
        try (Events events = new Events(ledger)) {
            IntStream.range(0, TREES)
                    .forEach(number ->
                            events.send(Topic.CHATS, "root-" + number, Events.chat("root-" + number, null, 10L)));
            events.flush();
        }
    }

    @AfterAll
    static void stop() {
        second.close();
        ledger.close();
    }

    @Test
    void shouldAnswerForEachOtherByTheSecret() {
        await().atMost(WITHIN).until(second::isReady);
        await().atMost(WITHIN)
                .untilAsserted(() -> assertThat(Set.of(ledger.http(), new Http(second.url())))
                        .allSatisfy(instance -> assertThat(servers(instance)).isEqualTo(Set.of("owner", "peer"))));
    }

    private static Set<String> servers(Http instance) {
        return IntStream.range(0, TREES)
                .mapToObj(number -> check(instance, "root-" + number, CHECK))
                .filter(reply -> reply.status() == 200)
                .map(reply -> reply.json().get("served_by").textValue())
                .collect(Collectors.toSet());
    }

    private static Reply check(Http instance, String chatId, String token) {
        return instance.send(instance.request("/v1/chats/" + chatId + "/check")
                .header("Authorization", "Bearer " + token)
                .POST(BodyPublishers.noBody()));
    }

    @Test
    void shouldTakeTheTokensOfAFileThatHasChangedAndKeepThemWhileItIsWrong() throws IOException {
        // When
        Files.writeString(tokens, "check " + CHECK + "\ncheck one-that-is-new-here\n");
        await().atMost(WITHIN)
                .until(() ->
                        check(ledger.http(), "root-1", "one-that-is-new-here").status() == 200);
        Files.writeString(tokens, "check\n");
        Files.writeString(tokens, "check " + CHECK + "\n");

        // Then
        await().atMost(WITHIN)
                .until(() ->
                        check(ledger.http(), "root-1", "one-that-is-new-here").status() == 401);
        assertThat(check(ledger.http(), "root-1", CHECK).status()).isEqualTo(200);
    }

    @Test
    void shouldLetACommandReadTheStateByTheSecretAlone() {
        // When
        CommandRun with = ledger.verify("--internal-token-file=" + secret);
        CommandRun without = ledger.verify("--internal-token-file=");

        // Then
        assertThat(with.out()).as(with.err()).contains("No difference.");
        assertThat(without.status()).isNotZero();
        assertThat(without.err()).contains("401");
    }

    // ---- what cannot start ----

    @Test
    void shouldNotStartWithTokensAndWithoutASecret() {
        assertThatThrownBy(() -> third(Map.of(Setting.INTERNAL_TOKEN_FILE, "")))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("LEDGER_INTERNAL_TOKEN_FILE is not set and must be");
    }

    @Test
    void shouldNotStartWithAFileThatIsNoneOfTokens() throws IOException {
        // Given
        Path wrong = Files.writeString(dir.resolve("wrong"), "check " + CHECK + "\nboss another-long-token\n");

        // Then
        assertThatThrownBy(() -> third(Map.of(Setting.API_TOKENS_FILE, wrong.toString())))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("LEDGER_API_TOKENS_FILE is " + wrong)
                .hasMessageContaining("line 2")
                .hasMessageNotContaining("another-long-token");
        assertThatThrownBy(() -> third(Map.of(Setting.API_TOKENS_FILE, wrong + "-not-there")))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("cannot be read");
    }

    private static void third(Map<Setting, String> changes) throws StartException {
        Map<Setting, String> settings = new EnumMap<>(changes);
        settings.put(Setting.STATE_DIR, dir.resolve("third").toString());
        ledger.startBeside(settings, Map.of()).close();
    }
}
