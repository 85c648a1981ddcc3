package dev.spendledger.api.openapi;

import dev.spendledger.api.openapi.Example.Names;
import dev.spendledger.api.openapi.Example.Request;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Requests drawn at random: those of the examples of {@code openapi.yaml}, as they are and with every part of them changed,
 * down to what is no HTTP any more. The same seed draws the same requests. Not thread-safe.
 */
final class RandomRequests {
    private static final List<String> METHODS =
            List.of("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "BREW", "get");
    private static final List<String> CONTENT_TYPES = List.of(
            "application/json",
            "application/json; charset=utf-8",
            "application/json;charset=utf-16",
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=b",
            "multipart/form-data",
            "application/octet-stream",
            ";",
            "é");
    private static final List<String> HEADERS = List.of(
            "Expect: 100-continue",
            "Accept: text/html",
            "Accept-Encoding: gzip, br;q=0",
            "x-request-id: r-1",
            "x-request-id: \t",
            "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
            "traceparent: 00-",
            "X-Forwarded-For: 10.0.0.1, ::1",
            "Range: bytes=0-1",
            "If-None-Match: *",
            "Cookie: a=b; a=b; =;",
            "Authorization: Basic Og==",
            "Authorization: Bearer",
            "Upgrade: h2c",
            "Upgrade: websocket",
            "HTTP2-Settings: AAMAAABkAAQAAP__",
            "Connection: Upgrade, HTTP2-Settings",
            "Connection: close",
            "Origin: null",
            "Content-Encoding: gzip",
            "X-Long: " + "x".repeat(9_000));
    private static final List<String> IDS = List.of(
            "c-1",
            "c-7",
            "a-1",
            "%20",
            "%00",
            "%2e%2e",
            "..",
            "%",
            "%zz",
            "%ff",
            "%F0%9F%98%80",
            "a%2Fb",
            "a;b",
            "a+b",
            "é",
            "x".repeat(128),
            "x".repeat(129),
            "x".repeat(4_200));
    private static final List<String> SCRAPS = List.of(
            "null",
            "true",
            "-0",
            "1e400",
            "9007199254740993",
            "99999999999999999999999999",
            "0.1",
            "\"\"",
            "\"\\ud800\"",
            "\"" + "x".repeat(5_000) + "\"",
            "{}",
            "[]",
            "[" + "[".repeat(5_000),
            "{\"a\":".repeat(2_000),
            "\u0000",
            "}{",
            "NaN",
            "/* */",
            ",");

    private final SplittableRandom random;
    private final List<Request> examples;
    private final List<String> tokens;
    private int drawn;

    /**
     * @param document whose examples are drawn from
     * @param tokens that callers may show
     */
    RandomRequests(OpenApiDocument document, List<String> tokens, long seed) {
        random = new SplittableRandom(seed);
        this.tokens = tokens;
        Names names = new Names("");
        examples = document.examples().stream()
                .map(example -> example.request(names, token -> "bm8"))
                .toList();
    }

    /**
     * A request that is HTTP, whatever it asks for.
     *
     * @param path without its query
     */
    record Shot(String method, String path, byte[] bytes) {
        @Override
        public String toString() {
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            return text.substring(0, Math.min(1_000, text.length()));
        }
    }

    /** One time in so many. */
    boolean once(int times) {
        return random.nextInt(times) == 0;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    Shot next() {
        drawn++;
        Request example = one(examples);
        String method = once(10) ? one(METHODS) : example.method();
        String target = once(4) ? changedPath(example.path()) : fresh(example.path());
        byte[] body = example.body()
                .map(text -> once(2) ? changed(fresh(text)) : fresh(text))
                .orElse(once(20) ? changed("{}") : "")
                .getBytes(StandardCharsets.UTF_8);
        StringBuilder head =
                new StringBuilder(method).append(' ').append(target).append(" HTTP/1.1\r\nHost: ledger\r\n");
        if (!once(20)) {
            head.append("Authorization: Bearer ").append(one(tokens)).append("\r\n");
        }
        example.contentType()
                .map(type -> once(10) ? one(CONTENT_TYPES) : type)
                .ifPresent(type -> head.append("Content-Type: ").append(type).append("\r\n"));
        for (int more = once(3) ? 1 + below(4) : 0; more > 0; more--) {
            head.append(one(HEADERS)).append("\r\n");
        }
        boolean chunked = body.length > 0 && once(10);
        if (chunked) {
            head.append("Transfer-Encoding: chunked\r\n");
        } else if (body.length > 0 || once(2)) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        head.append("\r\n");
        return new Shot(method, target.split("[?#]", 2)[0], joined(head, chunked ? inChunks(body) : body));
    }

    /** The head of a request whose body would be larger than any may be. */
    Shot tooLarge() {
        String head = "POST /v1/messages HTTP/1.1\r\nHost: ledger\r\nAuthorization: Bearer " + one(tokens)
                + "\r\nContent-Type: application/json\r\nContent-Length: " + (3_000_000 + below(1 << 30)) + "\r\n\r\n[";
        return new Shot("POST", "/v1/messages", head.getBytes(StandardCharsets.UTF_8));
    }

    /** The bytes of a request with some of them changed, left out, put twice or broken off. */
    byte[] spoilt(Shot shot) {
        byte[] bytes = shot.bytes().clone();
        for (int times = 1 + below(4); times > 0 && bytes.length > 0; times--) {
            // In its head, as a rule: what a body may be is tried by the requests that are whole.
            int at = below(Math.min(bytes.length, 200));
            switch (below(5)) {
                case 0 -> bytes[at] = (byte) below(256);
                case 1 -> bytes = joined(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at + 1, bytes.length));
                case 2 -> bytes = joined(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at / 2, bytes.length));
                case 3 -> bytes[at] = (byte) "\r\n :%?/\u0000\t;".charAt(below(10));
                default -> bytes = once(4) ? Arrays.copyOf(bytes, at + 1) : bytes;
            }
        }
        return bytes;
    }

    /** The ids of an example, of which there are few, made many: else all requests would be about the same chats. */
    private String fresh(String text) {
        return new Names("f" + drawn % 500 + ".").of(text);
    }

    private String changedPath(String path) {
        String[] parts = path.split("/", -1);
        int at = below(parts.length);
        parts[at] = once(3) ? one(IDS) + "?breakdown=" + one(SCRAPS.subList(0, 8)) : one(IDS);
        String changed = String.join("/", parts).replaceAll("[ \"\\\\]", "+");
        return once(50) ? changed.substring(Math.min(1, changed.length())) + "*" : changed;
    }

    private String changed(String json) {
        int at = below(json.length() + 1);
        return switch (below(4)) {
            case 0 -> json.substring(0, at);
            case 1 -> json.substring(0, at) + one(SCRAPS) + json.substring(at);
            case 2 ->
                json.replaceFirst(
                        ":\\s*(\"[^\"]*\"|\\d+|null)", ": " + one(SCRAPS).replace("\\", "\\\\"));
            default -> one(SCRAPS);
        };
    }

    private byte[] inChunks(byte[] body) {
        String text = new String(body, StandardCharsets.ISO_8859_1);
        int size = 1 + below(body.length);
        return IntStream.iterate(0, from -> from < text.length(), from -> from + size)
                .mapToObj(from -> text.substring(from, Math.min(text.length(), from + size)))
                .map(chunk -> Integer.toHexString(chunk.length()) + "\r\n" + chunk + "\r\n")
                .collect(Collectors.joining("", "", "0\r\n\r\n"))
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private <T> T one(List<T> of) {
        return of.get(below(of.size()));
    }

    private static byte[] joined(CharSequence head, byte[] body) {
        return joined(head.toString().getBytes(StandardCharsets.UTF_8), body);
    }

    private static byte[] joined(byte[] first, byte[] second) {
        ByteArrayOutputStream both = new ByteArrayOutputStream(first.length + second.length);
        both.writeBytes(first);
        both.writeBytes(second);
        return both.toByteArray();
    }
}
