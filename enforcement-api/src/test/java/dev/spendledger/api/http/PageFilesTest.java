package dev.spendledger.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.decision.Decider.LookupErrorPolicy;
import dev.spendledger.api.testing.FakeReader;
import dev.spendledger.api.testing.Http;
import dev.spendledger.api.testing.Http.Reply;
import dev.spendledger.api.testing.StubLedger;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PageFilesTest {
    private static final Path WEB = Path.of("src/main/resources/web");

    private static StubLedger ledger;
    private static Http http;

    @BeforeAll
    static void start() {
        ledger = StubLedger.start(new FakeReader(), LookupErrorPolicy.OPEN);
        http = ledger.http();
    }

    @AfterAll
    static void stop() {
        ledger.close();
    }

    @Test
    void shouldServeEveryFileOfThePage() throws IOException {
        // Given
        Set<String> paths;
        try (Stream<Path> files = Files.list(WEB)) {
            paths = files.map(file -> file.getFileName().toString())
                    .map(name -> name.equals("index.html") ? "/" : "/web/" + name)
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        // When
        Set<String> served = new TreeSet<>(new PageFiles().paths());

        // Then
        assertThat(served).containsAll(paths);
        served.removeAll(paths);
        assertThat(served).containsExactly("/webjars/uplot/uPlot.esm.js", "/webjars/uplot/uPlot.min.css");
    }

    @ParameterizedTest
    @CsvSource({
        "/, text/html; charset=utf-8, <!doctype html>",
        "/web/page.css, text/css; charset=utf-8, color-scheme",
        "/web/main.js, text/javascript; charset=utf-8, import",
        "/web/icon.svg, image/svg+xml, <svg",
        "/webjars/uplot/uPlot.esm.js, text/javascript; charset=utf-8, uPlot",
        "/webjars/uplot/uPlot.min.css, text/css; charset=utf-8, .uplot"
    })
    void shouldServeAFileAsWhatItIs(String path, String type, String part) {
        // When
        Reply reply = http.get(path);

        // Then
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Type")).isEqualTo(type);
        assertThat(reply.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(reply.header("Content-Security-Policy"))
                .startsWith("default-src 'self';")
                .doesNotContain("unsafe");
        assertThat(reply.body()).contains(part);
    }

    @Test
    void shouldAnswerHeadWithoutABody() {
        // When
        Reply reply = http.send(http.request("/").method("HEAD", BodyPublishers.noBody()));

        // Then
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Length"))
                .isEqualTo("" + http.get("/").body().length());
        assertThat(reply.body()).isEmpty();
    }

    @Test
    void shouldNotSendAgainWhatTheBrowserHas() {
        // Given
        String etag = http.get("/").header("ETag");

        // When
        Reply reply = http.send(http.request("/").header("If-None-Match", etag).GET());

        // Then
        assertThat(reply.status()).isEqualTo(304);
        assertThat(reply.header("Cache-Control")).isEqualTo("no-cache");
        assertThat(reply.body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/index.html",
                "/web",
                "/web/",
                "/web/nothing.js",
                "/web/../logback.xml",
                "/web/..%2fopenapi.yaml",
                "/web/%2e%2e/logback.xml",
                "/webjars/uplot/../../logback.xml",
                "/webjars/uplot/uPlot.cjs.js"
            })
    void shouldServeNothingElseOfTheJar(String path) {
        // When
        Reply reply = http.get(path);

        // Then
        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.json().get("code").textValue()).isEqualTo("route_not_found");
    }

    @Test
    void shouldSayWhichMethodsAFileHas() {
        // When
        Reply reply = http.delete("/");

        // Then
        assertThat(reply.status()).isEqualTo(405);
        assertThat(reply.header("Allow")).isEqualTo("GET, HEAD");
    }

    /** The policy of the page lets no script or style run that stands in its document. */
    @Test
    void shouldHaveNoScriptAndNoStyleInTheDocument() {
        // When
        String html = http.get("/").body();

        // Then
        assertThat(html).doesNotContain("<style", " style=", "onclick", "javascript:");
        Matcher scripts = Pattern.compile("<script[^>]*>").matcher(html);
        assertThat(scripts.results().map(result -> result.group())).allMatch(tag -> tag.contains(" src="));
    }

    /** It has to work where there is no other network. */
    @Test
    void shouldAskNobodyElseForAnything() throws IOException {
        // Given
        try (Stream<Path> files = Files.list(WEB)) {
            // When
            Stream<Path> naming = files.filter(file -> {
                String text = read(file).replace("http://www.w3.org/2000/svg", "");
                return text.contains("http://") || text.contains("https://") || text.contains("@import");
            });

            // Then
            assertThat(naming).isEmpty();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
