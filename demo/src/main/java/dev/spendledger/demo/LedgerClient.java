package dev.spendledger.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * How a chat service talks to the ledger; small, so that it can be copied. It knows nothing but the HTTP API.
 *
 * <ul>
 *   <li>A check stops a chat only if the ledger says so. No answer is no reason to stop anyone, and is not waited for long.
 *   <li>A write is sent until it is acknowledged. Chats and messages carry ids of ours, so one sent twice counts once.
 *   <li>Answers are told apart by their {@code code}: a 409 may be a rejection, or a chat of the same id.
 * </ul>
 */
final class LedgerClient {
    /** A ledger answers a check within its own deadline, 250 ms by default. Whatever takes longer is not going to answer. */
    static final Duration CHECK_TIMEOUT = Duration.ofSeconds(1);

    /** A ledger gives up on Kafka by itself, after 5 s by default, and says so. */
    private static final Duration WRITE_TIMEOUT = Duration.ofSeconds(10);

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);
    private static final int WRITE_TRIES_MOST = 8;
    private static final long FIRST_PAUSE_MS = 100;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();
    private final URI ledger;
    private final Consumer<String> troubles;

    /** What a chat is about to do. */
    enum Operation {
        SEND_MESSAGE,
        MODEL_STEP,
        SPAWN
    }

    /** What came of a check. */
    sealed interface Verdict {
        /** Go on. */
        record Allowed() implements Verdict {}

        /**
         * Stop, and tell the user. To ask again helps only once the limit was raised, or the account's period has ended.
         *
         * @param body the answer as it was received
         * @param scope the limit that is reached: that of the tree, or of the account
         * @param resetsAt when the account's period ends; empty = it is the tree's, which never resets
         */
        record Rejected(int status, String body, String scope, Optional<String> resetsAt) implements Verdict {}

        /** Stop, and tell the user: somebody has frozen the tree. */
        record Frozen() implements Verdict {}

        /** The ledger cannot tell now, and whoever runs it wants nobody to go on until it can: ask again in a while. */
        record AskAgain() implements Verdict {}
    }

    /** What the ledger says a tree has spent; money in micros. */
    record TreeSpend(long spentMicros, long chats, long messages) {}

    /** A write was not acknowledged in any of its tries. A real service would keep it, and send it again later. */
    static final class NotAcknowledgedException extends Exception {
        private static final long serialVersionUID = 1L;

        NotAcknowledgedException(String message) {
            super(message);
        }
    }

    /**
     * @param ledger where the API listens
     * @param troubles is told of every answer that is not as it should be, in a few words that can be counted
     */
    LedgerClient(URI ledger, Consumer<String> troubles) {
        this.ledger = ledger;
        this.troubles = troubles;
    }

    /**
     * Asks whether a chat may go on.
     *
     * @param rootChatId the root of its tree: known here, it saves the ledger a look-up
     */
    Verdict check(String chatId, String rootChatId, Operation operation) throws InterruptedException {
        ObjectNode question = JSON.createObjectNode()
                .put("operation", operation.name().toLowerCase(Locale.ROOT))
                .put("root_chat_id", rootChatId);
        Optional<Answer> given =
                send("check", post(path(chatId, "check"), question).timeout(CHECK_TIMEOUT));
        if (given.isEmpty()) {
            // The ledger is a brake, not a part of the engine. What is spent meanwhile counts as soon as it is told.
            return new Verdict.Allowed();
        }
        Answer answer = given.get();
        switch (answer.code()) {
            case "spend_limit_exceeded":
                return new Verdict.Rejected(
                        answer.status(),
                        answer.body(),
                        answer.json().path("scope").asText(),
                        Optional.ofNullable(answer.json().path("resets_at").textValue()));
            case "frozen":
                return new Verdict.Frozen();
            case "lookup_failed":
                troubles.accept("check: " + answer);
                return new Verdict.AskAgain();
            default:
                if (answer.status() != 200) {
                    troubles.accept("check: " + answer);
                } else if (answer.json().path("degraded").asBoolean()) {
                    troubles.accept("check: degraded, "
                            + answer.json().path("degraded_reason").asText());
                }
                return new Verdict.Allowed();
        }
    }

    /** Tells of a root chat. */
    void createRoot(String chatId, String accountId, long limitMicros)
            throws InterruptedException, NotAcknowledgedException {
        write(
                "/v1/chats",
                JSON.createObjectNode()
                        .put("chat_id", chatId)
                        .put("account_id", accountId)
                        .put("spend_limit_micros", limitMicros));
    }

    /** Tells of a root chat whose tree has no limit. */
    void createRoot(String chatId, String accountId) throws InterruptedException, NotAcknowledgedException {
        write("/v1/chats", JSON.createObjectNode().put("chat_id", chatId).put("account_id", accountId));
    }

    /** Sets what an account may spend in a period: that of the default limit, or a month. */
    void limitAccount(String accountId, long limitMicros) throws InterruptedException, NotAcknowledgedException {
        String path = "/v1/limits/accounts/" + encoded(accountId);
        ObjectNode body = JSON.createObjectNode().put("spend_limit_micros", limitMicros);
        write(
                path,
                () -> HttpRequest.newBuilder(ledger.resolve(path))
                        .header("Content-Type", "application/json")
                        .PUT(BodyPublishers.ofString(body.toString())));
    }

    /** Tells of a chat that another has spawned. */
    void createChild(String chatId, String parentChatId, String rootChatId, String accountId)
            throws InterruptedException, NotAcknowledgedException {
        write(
                "/v1/chats",
                JSON.createObjectNode()
                        .put("chat_id", chatId)
                        .put("parent_chat_id", parentChatId)
                        .put("root_chat_id", rootChatId)
                        .put("account_id", accountId));
    }

    /**
     * Tells what a message cost.
     *
     * @param messageId the id of the billed call: the same in every try
     */
    void post(String messageId, String chatId, String rootChatId, String accountId, AgentPlan.Message message)
            throws InterruptedException, NotAcknowledgedException {
        write(
                "/v1/messages",
                JSON.createObjectNode()
                        .put("message_id", messageId)
                        .put("chat_id", chatId)
                        .put("root_chat_id", rootChatId)
                        .put("account_id", accountId)
                        .put("cost_micros", message.costMicros())
                        .put("model", message.model().id())
                        .put("input_tokens", message.inputTokens())
                        .put("output_tokens", message.outputTokens()));
    }

    /** What the tree of a root chat has spent; empty = the ledger does not know it, or does not answer. */
    Optional<TreeSpend> treeSpend(String rootChatId) throws InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(ledger.resolve(path(rootChatId, "spend")));
        return send("spend", request.timeout(CHECK_TIMEOUT)).flatMap(answer -> {
            if (answer.status() == 200) {
                JsonNode tree = answer.json().path("tree");
                return Optional.of(new TreeSpend(
                        tree.path("spent_micros").asLong(),
                        tree.path("chats").asLong(),
                        tree.path("priced_messages").asLong()));
            }
            if (!answer.code().equals("chat_not_found")) {
                troubles.accept("spend: " + answer);
            }
            return Optional.empty();
        });
    }

    private void write(String path, ObjectNode body) throws InterruptedException, NotAcknowledgedException {
        write(path, () -> post(path, body));
    }

    /** Sends until it is acknowledged, with a longer pause each time. */
    private void write(String path, Supplier<HttpRequest.Builder> request)
            throws InterruptedException, NotAcknowledgedException {
        long pauseMs = FIRST_PAUSE_MS;
        for (int tries = 1; tries <= WRITE_TRIES_MOST; tries++) {
            Optional<Answer> given = send(path, request.get().timeout(WRITE_TIMEOUT));
            if (given.isPresent()) {
                Answer answer = given.get();
                if (answer.status() / 100 == 2) {
                    return;
                }
                troubles.accept(path + ": " + answer);
                if (answer.status() < 500) {
                    throw new IllegalStateException(
                            "The ledger will never take this at " + path + ": " + answer.body());
                }
            }
            Thread.sleep(pauseMs);
            pauseMs *= 2;
        }
        throw new NotAcknowledgedException(
                "The ledger did not acknowledge " + path + " in " + WRITE_TRIES_MOST + " tries.");
    }

    /** An answer, whatever it says. Its text is its status and code: the same for all answers of a kind. */
    private record Answer(int status, String body, JsonNode json) {
        String code() {
            return json.path("code").asText();
        }

        @Override
        public String toString() {
            return status + (code().isEmpty() ? "" : " " + code());
        }
    }

    /** Sends a request once; empty = no answer in time. */
    private Optional<Answer> send(String what, HttpRequest.Builder request) throws InterruptedException {
        try {
            HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
            return Optional.of(new Answer(response.statusCode(), response.body(), json(response.body())));
        } catch (IOException e) {
            troubles.accept(what + ": no answer, " + e.getClass().getSimpleName());
            return Optional.empty();
        }
    }

    private HttpRequest.Builder post(String path, ObjectNode body) {
        return HttpRequest.newBuilder(ledger.resolve(path))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString()));
    }

    /** What stands between us and the ledger may answer with anything. */
    private static JsonNode json(String body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }

    private static String path(String chatId, String rest) {
        return "/v1/chats/" + encoded(chatId) + "/" + rest;
    }

    private static String encoded(String id) {
        // Made for forms, where a space is a plus.
        return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
