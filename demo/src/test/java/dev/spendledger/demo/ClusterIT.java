package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ledger dev --instances}: a process each, which none outlives. */
@Timeout(600)
class ClusterIT {
    private static final Duration ENDS_WITHIN = Duration.ofSeconds(60);
    private static final Pattern URL = Pattern.compile("http://[0-9.:]+[0-9]");

    @TempDir
    Path dir;

    private LedgerProcess start(int instances, int port) throws Exception {
        return LedgerProcess.start(
                dir, "dev", "--instances", "" + instances, "--port", "" + port, "--data-dir", "data");
    }

    /** The first of so many in a row that are free. */
    private static int freePorts(int count) {
        return Stream.generate(() -> Ports.free())
                .limit(100)
                .filter(first ->
                        IntStream.range(first, first + count).allMatch(port -> Ports.isFree(Ports.LOOPBACK, port)))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldRunInstancesOnThePortAndThoseAfterItUntilItIsStopped() throws Exception {
        // Given
        int port = freePorts(3);
        try (LedgerProcess dev = start(3, port)) {

            // When
            dev.awaitUrl();

            // Then
            List<String> urls = IntStream.range(port, port + 3)
                    .mapToObj(each -> "http://127.0.0.1:" + each)
                    .toList();
            assertThat(URL.matcher(dev.output()).results().map(MatchResult::group))
                    .containsExactlyElementsOf(urls);
            assertThat(urls).allMatch(ClusterIT::isReady);
            Properties properties = new Properties();
            properties.load(Files.newBufferedReader(dir.resolve("data/dev.properties")));
            assertThat(properties)
                    .containsEntry("url", urls.get(0))
                    .containsEntry("urls", String.join(",", urls))
                    .containsEntry("LEDGER_PARTITIONS", "4");

            // When one of them is killed
            List<ProcessHandle> members = dev.handle().children().toList();
            members.get(0).destroyForcibly();

            // Then
            await().atMost(ENDS_WITHIN).until(() -> dev.errors().contains("has ended with status 137"));
            assertThat(dev.errors()).contains("The others go on").containsPattern("data/instance-[123]\\.log");
            assertThat(urls.stream().filter(ClusterIT::isReady)).hasSize(2);

            // When
            dev.terminate();

            // Then
            dev.awaitEnd(ENDS_WITHIN);
            assertThat(members).noneMatch(ProcessHandle::isAlive);
            assertThat(dev.errors()).hasLineCount(1);
        }
    }

    private static boolean isReady(String url) {
        try {
            return HttpClient.newHttpClient()
                            .send(
                                    HttpRequest.newBuilder(URI.create(url + "/readyz"))
                                            .build(),
                                    BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (Exception e) {
            return false;
        }
    }

    @Test
    void shouldLeaveNoInstanceBehindWhenItIsKilled() throws Exception {
        // Given
        try (LedgerProcess dev = start(2, 0)) {
            dev.awaitUrl();
            List<ProcessHandle> members = dev.handle().children().toList();
            assertThat(members).hasSize(2).allMatch(ProcessHandle::isAlive);

            // When
            dev.kill();

            // Then
            await().atMost(ENDS_WITHIN).untilAsserted(() -> assertThat(members).noneMatch(ProcessHandle::isAlive));
        }
    }

    @Test
    void shouldStartNothingWhenOneOfThePortsIsTaken() throws Exception {
        // Given
        int port = freePorts(3);
        try (ServerSocket taken = new ServerSocket(port + 2, 1, InetAddress.getLoopbackAddress());
                LedgerProcess dev = start(3, port)) {

            // Then
            assertThat(dev.awaitEnd(ENDS_WITHIN)).isEqualTo(1);
            assertThat(dev.errors())
                    .contains("Cannot listen on 127.0.0.1:" + taken.getLocalPort(), "--port", "3 instances")
                    .hasLineCount(1);
            assertThat(dir.resolve("data")).doesNotExist();
        }
    }
}
