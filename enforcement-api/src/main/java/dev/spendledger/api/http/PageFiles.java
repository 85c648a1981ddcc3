package dev.spendledger.api.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/**
 * The files of the page, read once out of the jar. They are few and small, and each has a path of its own: none leads
 * elsewhere, and nothing is written to a disk that may be read-only.
 */
final class PageFiles {
    /** Of {@code /web} in the jar. */
    private static final List<String> NAMES = List.of(
            "account.js",
            "actions.js",
            "api.js",
            "chart.js",
            "chats.js",
            "dialog.js",
            "dom.js",
            "elsewhere.js",
            "icon.svg",
            "live.js",
            "main.js",
            "money.js",
            "overview.js",
            "page.css",
            "parts.js",
            "scale.js",
            "sse.js",
            "time.js",
            "tree.js",
            "warnings.js");

    /** Of the WebJar, which has more of them. */
    private static final List<String> CHART_NAMES = List.of("uPlot.esm.js", "uPlot.min.css");

    private static final Map<String, String> CONTENT_TYPES = Map.of(
            "css", "text/css; charset=utf-8",
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml");

    /** {@code connect-src} is that wide so that the page can look for another instance once its own is gone. */
    private static final String CONTENT_SECURITY_POLICY = "default-src 'self'; connect-src 'self' http: https:; "
            + "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private record PageFile(String contentType, Buffer content, String etag) {}

    private final Map<String, PageFile> files = new LinkedHashMap<>();

    PageFiles() {
        files.put("/", read("/web/index.html"));
        NAMES.forEach(name -> files.put("/web/" + name, read("/web/" + name)));
        String chart = "/META-INF/resources/webjars/uplot/" + chartVersion() + "/dist/";
        CHART_NAMES.forEach(name -> files.put("/webjars/uplot/" + name, read(chart + name)));
    }

    Set<String> paths() {
        return files.keySet();
    }

    /** Answers with the file whose path it is. */
    void reply(RoutingContext context) {
        PageFile file = files.get(context.currentRoute().getPath());
        HttpServerResponse response = context.response()
                .putHeader(HttpHeaders.ETAG, file.etag())
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
                .putHeader("Content-Security-Policy", CONTENT_SECURITY_POLICY)
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("X-Content-Type-Options", "nosniff");
        if (file.etag().equals(context.request().getHeader(HttpHeaders.IF_NONE_MATCH))) {
            response.setStatusCode(304).end();
            return;
        }
        response.putHeader(HttpHeaders.CONTENT_TYPE, file.contentType())
                .putHeader(
                        HttpHeaders.CONTENT_LENGTH,
                        Integer.toString(file.content().length()));
        if (context.request().method() == HttpMethod.HEAD) {
            response.end();
        } else {
            response.end(file.content());
        }
    }

    private static PageFile read(String resource) {
        byte[] content = bytes(resource);
        String extension = resource.substring(resource.lastIndexOf('.') + 1);
        return new PageFile(CONTENT_TYPES.get(extension), Buffer.buffer(content), etag(content));
    }

    private static String etag(byte[] content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            return '"' + HexFormat.of().formatHex(digest, 0, 16) + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has SHA-256", e);
        }
    }

    /** The WebJar has its files in a folder of its version. */
    private static String chartVersion() {
        String resource = "/META-INF/maven/org.webjars.npm/uplot/pom.properties";
        Properties properties = new Properties();
        try (InputStream in = PageFiles.class.getResourceAsStream(resource)) {
            properties.load(in);
            return properties.getProperty("version");
        } catch (IOException e) {
            throw new UncheckedIOException("The class path's " + resource + " cannot be read", e);
        }
    }

    private static byte[] bytes(String resource) {
        try (InputStream in = PageFiles.class.getResourceAsStream(resource)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("The class path's " + resource + " cannot be read", e);
        }
    }
}
