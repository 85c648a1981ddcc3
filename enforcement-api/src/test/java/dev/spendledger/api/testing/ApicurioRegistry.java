package dev.spendledger.api.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.stream.Stream;

/** Apicurio Registry, run as a process of its own; it keeps its schemas in a folder, so that it can be killed and started again. */
public final class ApicurioRegistry implements AutoCloseable {
    private static final Path UNPACKED = Path.of("target", "apicurio-registry");
    private static final Duration STARTS_WITHIN = Duration.ofSeconds(90);

    private final Path dir;
    private final int port;
    private Process process;

    private ApicurioRegistry(Path dir, int port) {
        this.dir = dir;
        this.port = port;
    }

    /** Starts it on a free port, and returns once it answers. */
    public static ApicurioRegistry start(Path dir) {
        ApicurioRegistry registry = new ApicurioRegistry(dir, freePort());
        registry.startAgain();
        return registry;
    }

    /** Where it speaks as Confluent's registry does. */
    public URI url() {
        return URI.create("http://127.0.0.1:" + port + "/apis/ccompat/v7");
    }

    /** Starts it on the port and the folder that it had. */
    public void startAgain() {
        try {
            Files.createDirectories(dir);
            process = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx256m",
                            "-XX:TieredStopAtLevel=1",
                            "-Dquarkus.http.host=127.0.0.1",
                            "-Dquarkus.http.port=" + port,
                            // At once on the disk: it is killed without a word.
                            "-Dquarkus.datasource.jdbc.url=jdbc:h2:file:"
                                    + dir.resolve("schemas").toAbsolutePath() + ";WRITE_DELAY=0",
                            "-jar",
                            program().toString()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            dir.resolve("log.txt").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await().atMost(STARTS_WITHIN).until(this::answers);
    }

    private static Path program() throws IOException {
        try (Stream<Path> files = Files.list(UNPACKED)) {
            return files.filter(file -> file.toString().endsWith("-runner.jar"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("No registry in " + UNPACKED + "; mvn verify unpacks it"));
        }
    }

    private boolean answers() throws IOException, InterruptedException {
        assertThat(process.isAlive())
                .as("the registry runs; its log is in %s", dir)
                .isTrue();
        try {
            return HttpClient.newHttpClient()
                            .send(
                                    HttpRequest.newBuilder(URI.create(url() + "/subjects"))
                                            .timeout(Duration.ofSeconds(5))
                                            .build(),
                                    BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false; // Not yet.
        }
    }

    /** Ends it without a word, as a crash does. */
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    private static int freePort() {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kill();
    }
}
