package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The demo as a newcomer runs it. */
@Timeout(180)
class DemoIT {
    /** What a free machine needs a third of. */
    private static final Duration ENDS_WITHIN = Duration.ofSeconds(60);

    private static final Duration STOPS_WITHIN = Duration.ofSeconds(20);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path dir;

    @Test
    void shouldEndWithStatusZeroOnceTheTreeIsBlocked() throws Exception {
        // Given
        int port = freePort();

        // When
        int status;
        try (LedgerProcess demo =
                LedgerProcess.start(dir, "demo", "--exit-when-blocked", "--seed", "7", "--port", "" + port)) {
            status = demo.awaitEnd(ENDS_WITHIN);

            // Then
            assertThat(demo.errors()).isEmpty();
            assertThat(status).isZero();
            assertThat(demo.output())
                    .contains("http://127.0.0.1:" + port, "(seed 7)")
                    .contains("; 0 of those asked after the first 409 were allowed.")
                    .contains("its sum has stayed the same.");
            List<JsonNode> rejections = rejections(demo.output());
            assertThat(rejections).hasSize(2);
            JsonNode account = rejections.get(1);
            assertThat(account.path("scope").asText()).isEqualTo("account_period");
            assertThat(account.path("spent_micros").asLong())
                    .isGreaterThanOrEqualTo(account.path("limit_micros").asLong());
            assertThat(demo.output())
                    .contains("chat_lifetime: the tree has spent all that it ever may")
                    .contains("may go on at " + account.path("resets_at").asText());
            JsonNode rejection = rejections.get(0);
            assertThat(rejection.path("code").asText()).isEqualTo("spend_limit_exceeded");
            assertThat(rejection.path("scope").asText()).isEqualTo("chat_lifetime");
            assertThat(rejection.path("spent_micros").asLong())
                    .isGreaterThanOrEqualTo(rejection.path("limit_micros").asLong());
            assertThat(curls(demo.output())).hasSize(4);
            assertThat(dataFolders()).isEmpty();
        }
    }

    @Test
    void shouldServeWhatItsCurlsAskForUntilItIsStopped() throws Exception {
        // Given
        try (LedgerProcess demo = LedgerProcess.start(dir, "demo", "--port", "0")) {
            demo.awaitOutput(Pattern.compile("until Ctrl-C"));
            List<String> curls = curls(demo.output());

            // When
            List<String> answers = curls.stream().map(DemoIT::run).toList();

            // Then
            assertThat(answers)
                    .satisfiesExactly(
                            check -> assertThat(check).contains("409 Conflict", "x-should-retry: false"),
                            spend -> assertThat(spend).contains("\"exhausted\"", "\"chats\":[{"),
                            raised -> assertThat(raised).contains("10000000"),
                            check -> assertThat(check).contains("200 OK", "\"allowed\":true"));

            // When
            demo.terminate();

            // Then
            demo.awaitEnd(STOPS_WITHIN);
            assertThat(demo.errors()).isEmpty();
            assertThat(dataFolders()).isEmpty();
        }
    }

    /** The lines of the output that are JSON. */
    private static List<JsonNode> rejections(String output) throws IOException {
        List<JsonNode> found = new ArrayList<>();
        for (String line : output.lines().toList()) {
            if (line.startsWith("{")) {
                found.add(JSON.readTree(line));
            }
        }
        return found;
    }

    private static List<String> curls(String output) {
        return output.lines().filter(line -> line.startsWith("curl ")).toList();
    }

    private static String run(String curl) {
        try {
            Process bash = new ProcessBuilder("bash", "-c", curl + " --silent --show-error")
                    .redirectErrorStream(true)
                    .start();
            return new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(curl, e);
        }
    }

    private List<Path> dataFolders() throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.filter(Files::isDirectory).toList();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }
}
