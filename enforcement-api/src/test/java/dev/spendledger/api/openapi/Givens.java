package dev.spendledger.api.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.spendledger.api.decision.Decider.LookupErrorPolicy;
import dev.spendledger.api.http.Access;
import dev.spendledger.api.http.BodyBudget;
import dev.spendledger.api.http.EventStreams;
import dev.spendledger.api.http.Health;
import dev.spendledger.api.http.Tokens;
import dev.spendledger.api.openapi.Example.Names;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.testing.FakeFreezes;
import dev.spendledger.api.testing.FakeLimits;
import dev.spendledger.api.testing.FakeReader;
import dev.spendledger.api.testing.Http;
import dev.spendledger.api.testing.Http.Reply;
import dev.spendledger.api.testing.StubLedger;
import dev.spendledger.api.testing.StubLedger.FixedHealth;
import dev.spendledger.api.testing.StubLedger.StubStreams;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * Makes the state before an example: the sentences of {@code x-given}, one method each. A state that can be brought
 * about is brought about on a real instance, by HTTP; one that cannot, on an instance in memory.
 */
final class Givens implements AutoCloseable {
    /** What no test can make happen to a real instance at will. */
    private static final List<Pattern> IN_MEMORY_ONLY = Stream.of(
                    "The views are not read yet\\.",
                    "The spend of account (\\S+) cannot be read\\.",
                    "The stores of the instance cannot be read\\.",
                    "The owner of its totals has lost touch with Kafka\\.",
                    "The ledger fails unexpectedly\\.",
                    "Kafka Streams is in state ERROR\\.",
                    "The fold has not run yet\\.",
                    "The ledger has \\d+ records left to read\\.",
                    "Tokens are set\\.",
                    "The body does not come whole\\.",
                    "The instance has no room for bodies\\.",
                    "The instance has no room for event streams\\.",
                    "LEDGER_ON_LOOKUP_ERROR is closed\\.")
            .map(Pattern::compile)
            .toList();

    private static final Health.Check VIEWS = new Health.Check("views", true, "the views are read");
    private static final Health.Check PLACEMENT = new Health.Check("placement", true, "the instances agree");
    private static final Health.Check PEERS = new Health.Check("peers", true, "the other instances answer");
    private static final Health.Check STAYING = new Health.Check("staying", true, "not shutting down");
    private static final int MESSAGES_PER_REQUEST = 1_000;

    private final Map<Pattern, Consumer<Matcher>> sentences = new LinkedHashMap<>();
    private final Names names;
    private final JsonNode exampleTree;
    private final Http real;
    private final Optional<FakeReader> inMemory;
    private Access access = Access.OPEN;
    private FakeLimits limitsInMemory = new FakeLimits();
    private FakeFreezes freezesInMemory = new FakeFreezes();
    private final List<AutoCloseable> open = new ArrayList<>();
    /** What is acknowledged is folded a moment later; waited for when all is written. */
    private final List<Runnable> awaited = new ArrayList<>();

    private LookupErrorPolicy policy = LookupErrorPolicy.OPEN;
    private Health health = new FixedHealth(List.of(), List.of());
    private Optional<String> body = Optional.empty();
    private boolean bodyIsWhole = true;
    private BodyBudget bodies = BodyBudget.ofThisProcess();
    private StubStreams streams = StubStreams.empty();
    private String lastChat;
    private int messagesSent;

    /**
     * @param given the sentences, none of which has been made true yet
     * @param exampleTree the chats of the example tree, as a chat's spend shows them
     * @param real the instance that the example is about
     */
    Givens(List<String> given, Names names, JsonNode exampleTree, Http real) {
        this.names = names;
        this.exampleTree = exampleTree;
        this.real = real;
        this.inMemory = given.stream()
                        .anyMatch(sentence -> IN_MEMORY_ONLY.stream()
                                .anyMatch(pattern -> pattern.matcher(sentence).matches()))
                ? Optional.of(new FakeReader())
                : Optional.empty();
        sentence(
                "Chat (\\S+) is a root with a limit of ([\\d,]+)\\.",
                found -> root(found.group(1), Optional.of(number(found.group(2)))));
        sentence("Chat (\\S+) is a root without a limit\\.", found -> root(found.group(1), Optional.empty()));
        sentence("Chat (\\S+) is below (\\S+)\\.", found -> child(found.group(1), found.group(2)));
        sentence(
                "Chat (\\S+) is below (\\S+), which is not known\\.",
                found -> childOfUnknown(found.group(1), found.group(2)));
        sentence(
                "It has (one|[\\d,]+) messages? of ([\\d,]+)(?: each)?\\.",
                found -> messages(lastChat, number(found.group(1)), number(found.group(2))));
        sentence(
                "It has two messages of ([\\d,]+) by (\\S+), (\\d+) tokens in and (\\d+) out each\\.",
                found -> twoMessagesByModel(
                        number(found.group(1)), found.group(2), number(found.group(3)), number(found.group(4))));
        sentence(
                "One message of ([\\d,]+) for (\\S+) has arrived\\.",
                found -> parkedMessage(found.group(2), number(found.group(1))));
        sentence("The example tree has spent ([\\d,]+)\\.", found -> exampleTree(number(found.group(1))));
        sentence(
                "The limit of (\\S+) was then set to ([\\d,]+)\\.",
                found -> limit(found.group(1), number(found.group(2))));
        sentence(
                "The limit of (\\S+) was then set to ([\\d,]+) by (\\w+)\\.",
                found -> limit(found.group(1), number(found.group(2)), found.group(3)));
        sentence(
                "The instance has read that (\\S+) is exhausted\\.",
                found -> readThatExhausted(names.of(found.group(1))));
        sentence("The limit of (\\S+) was then removed\\.", found -> noLimit(found.group(1)));
        sentence(
                "The limit of (account|group) (\\S+) is ([\\d,]+)\\.",
                found -> periodLimit(found.group(1), names.of(found.group(2)), number(found.group(3))));
        sentence(
                "The default limit is ([\\d,]+) a (day|week|month)\\.",
                found -> defaultLimit(number(found.group(1)), found.group(2)));
        sentence(
                "Account (\\S+) is in the groups (\\S+) and (\\S+)\\.",
                found -> groups(names.of(found.group(1)), names.of(found.group(2)), names.of(found.group(3))));
        sentence(
                "Account (\\S+) has spent ([\\d,]+)\\.",
                found -> accountSpent(names.of(found.group(1)), number(found.group(2))));
        sentence("The views are not read yet\\.", found -> viewsNotRead());
        sentence(
                "The spend of account (\\S+) cannot be read\\.",
                found -> inMemory.orElseThrow()
                        .unreadable("account " + names.of(found.group(1)), DegradedReason.STORE_ERROR));
        sentence("Chat (\\S+) was then frozen\\.", found -> freeze(found.group(1), Optional.empty()));
        sentence(
                "Chat (\\S+) was then frozen for: ([^.]+)\\.",
                found -> freeze(found.group(1), Optional.of(found.group(2))));
        sentence("One check of (\\S+) was answered\\.", found -> check(found.group(1)));
        sentence("All trees are looked through\\.", found -> lookedThrough());
        sentence("The body has ([\\d,]+) bytes\\.", found -> bodyOfBytes(number(found.group(1))));
        sentence("The body is an array of ([\\d,]+) messages\\.", found -> bodyOfMessages(number(found.group(1))));
        sentence("The body does not come whole\\.", found -> bodyIsWhole = false);
        sentence("The instance has no room for bodies\\.", found -> bodies = new BodyBudget(1));
        sentence("The instance has no room for event streams\\.", found -> streams = noRoomForStreams());
        sentence("The stores of the instance cannot be read\\.", found -> storesUnreadable());
        sentence("The owner of its totals has lost touch with Kafka\\.", found -> outOfTouch());
        sentence("The ledger fails unexpectedly\\.", found -> bug());
        sentence("Kafka Streams is in state ERROR\\.", found -> streamsFailed());
        sentence("The fold has not run yet\\.", found -> notRunYet());
        sentence("LEDGER_READY_WHEN is caught_up\\.", found -> {}); // Which is what shows the next one.
        sentence("The ledger has (\\d+) records left to read\\.", found -> notCaughtUpYet(number(found.group(1))));
        sentence("Tokens are set\\.", found -> tokens());
        sentence("LEDGER_ON_LOOKUP_ERROR is closed\\.", found -> policy = LookupErrorPolicy.CLOSED);
    }

    private void sentence(String pattern, Consumer<Matcher> given) {
        sentences.put(Pattern.compile(pattern), given);
    }

    /** Makes sentences true, one after the other, and waits until all of it has come about. */
    void make(List<String> given) {
        given.forEach(this::make);
        awaited.forEach(Runnable::run);
    }

    private void make(String sentence) {
        for (Map.Entry<Pattern, Consumer<Matcher>> known : sentences.entrySet()) {
            Matcher found = known.getKey().matcher(sentence);
            if (found.matches()) {
                known.getValue().accept(found);
                return;
            }
        }
        throw new AssertionError("No test knows how to bring about: " + sentence);
    }

    /** The instance to send the example to. */
    Http http() {
        return inMemory.map(reader -> {
                    StubLedger ledger = StubLedger.start(
                            access,
                            reader,
                            limitsInMemory.view(),
                            freezesInMemory.view(),
                            policy,
                            health,
                            bodies,
                            streams);
                    open.add(ledger);
                    return ledger.http();
                })
                .orElse(real);
    }

    /** The body, where a sentence describes it. */
    Optional<String> body() {
        return body;
    }

    boolean isBodyWhole() {
        return bodyIsWhole;
    }

    // ---- chats ----

    private void root(String chatId, Optional<Long> limit) {
        lastChat = names.of(chatId);
        createChat(lastChat, null, limit);
        awaitSpend(
                lastChat,
                spend -> spend.at("/tree/limit_micros")
                        .asText()
                        .equals(limit.map(String::valueOf).orElse("null")));
    }

    private void child(String chatId, String parentChatId) {
        createChat(names.of(chatId), names.of(parentChatId), Optional.empty());
        awaitSpend(names.of(chatId), spend -> !spend.get("root_chat_id").isNull());
    }

    private void childOfUnknown(String chatId, String parentChatId) {
        createChat(names.of(chatId), names.of(parentChatId), Optional.empty());
        awaitSpend(names.of(chatId), spend -> !spend.get("account_id").isNull());
    }

    private void exampleTree(long spent) {
        String root = null;
        long chatsSpend = 0;
        long priced = 0;
        List<String> messages = new ArrayList<>();
        for (JsonNode chat : exampleTree) {
            String chatId = names.of(chat.get("chat_id").textValue());
            JsonNode parent = chat.get("parent_chat_id");
            root = root == null ? chatId : root;
            createChat(
                    chatId,
                    parent.isNull() ? null : names.of(parent.textValue()),
                    parent.isNull() ? Optional.of(5_000_000L) : Optional.empty());
            long messagesOfChat = chat.get("priced_messages").longValue();
            long eachSpends = chat.get("spent_micros").longValue() / messagesOfChat;
            for (long i = 1; i < messagesOfChat; i++) {
                messages.add(message(root, chatId, eachSpends));
            }
            messages.add(
                    message(root, chatId, chat.get("spent_micros").longValue() - eachSpends * (messagesOfChat - 1)));
            for (long i = 0; i < chat.get("unpriced_messages").longValue(); i++) {
                messages.add(message(root, chatId, null));
            }
            chatsSpend += chat.get("spent_micros").longValue();
            priced += messagesOfChat;
        }
        if (spent > chatsSpend) {
            messages.add(message(root, root, spent - chatsSpend));
            priced++;
        }
        if (inMemory.isEmpty()) {
            post(messages);
            awaitTree(root, exampleTree.size(), priced, spent);
            awaitAccount(names.of("a-1"), spent);
        }
    }

    private void createChat(String chatId, String parentChatId, Optional<Long> limit) {
        inMemory.ifPresentOrElse(
                reader -> {
                    if (parentChatId == null) {
                        reader.root(chatId, limit.orElse(null));
                    } else {
                        reader.child(chatId, parentChatId, names.of("c-1"));
                    }
                },
                () -> {
                    String parent = parentChatId == null ? "null" : quoted(parentChatId);
                    Reply reply = real.post(
                            "/v1/chats",
                            "{\"chat_id\": " + quoted(chatId) + ", \"parent_chat_id\": " + parent
                                    + ", \"account_id\": " + quoted(names.of("a-1")) + ", \"spend_limit_micros\": "
                                    + limit.map(String::valueOf).orElse("null") + "}");
                    assertMade(reply, 201);
                });
    }

    // ---- messages ----

    private void messages(String chatId, long count, long costMicros) {
        List<String> messages = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            messages.add(message(chatId, chatId, costMicros));
        }
        post(messages);
        awaitTree(chatId, 1, count, count * costMicros);
    }

    private void twoMessagesByModel(long costMicros, String model, long inputTokens, long outputTokens) {
        String chatId = lastChat;
        post(Stream.of(json(chatId, costMicros), json(chatId, costMicros))
                .map(message -> message.replace(
                        "}",
                        ", \"model\": " + quoted(model) + ", \"input_tokens\": " + inputTokens + ", \"output_tokens\": "
                                + outputTokens + "}"))
                .toList());
        awaitTree(chatId, 1, 2, 2 * costMicros);
    }

    private void parkedMessage(String chatId, long costMicros) {
        post(List.of(message(null, names.of(chatId), costMicros)));
        awaitSpend(names.of(chatId), spend -> spend.get("parked_messages").longValue() == 1);
    }

    /** A message as JSON; in memory it has arrived already. */
    private String message(String rootChatId, String chatId, Long costMicros) {
        inMemory.ifPresent(reader -> reader.spent(rootChatId, chatId, costMicros));
        return json(chatId, costMicros);
    }

    private String json(String chatId, Long costMicros) {
        messagesSent++;
        return "{\"message_id\": " + quoted(names.of("m-1") + "-given-" + messagesSent) + ", \"chat_id\": "
                + quoted(chatId) + ", \"account_id\": " + quoted(names.of("a-1")) + ", \"cost_micros\": " + costMicros
                + "}";
    }

    private void post(List<String> messages) {
        for (int from = 0; from < messages.size(); from += MESSAGES_PER_REQUEST) {
            List<String> some = messages.subList(from, Math.min(messages.size(), from + MESSAGES_PER_REQUEST));
            assertMade(real.post("/v1/messages", "[" + String.join(",", some) + "]"), 202);
        }
    }

    // ---- limits and checks ----

    private void limit(String chatId, long micros) {
        assertMade(
                real.put("/v1/chats/" + names.of(chatId) + "/limit", "{\"spend_limit_micros\": " + micros + "}"), 200);
    }

    private void limit(String chatId, long micros, String setBy) {
        assertMade(
                real.put(
                        "/v1/chats/" + names.of(chatId) + "/limit",
                        "{\"spend_limit_micros\": " + micros + ", \"set_by\": " + quoted(setBy) + "}"),
                200);
    }

    private void readThatExhausted(String chatId) {
        awaited.add(() -> Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(
                        () -> real.get("/v1/chats/" + chatId + "/timeline"),
                        reply -> reply.json().has("exhausted_at")));
    }

    private void noLimit(String chatId) {
        assertMade(real.delete("/v1/chats/" + names.of(chatId) + "/limit"), 200);
    }

    private void freeze(String chatId, Optional<String> reason) {
        String id = names.of(chatId);
        inMemory.ifPresentOrElse(
                reader -> freezesInMemory.freeze(id, reason.orElse(null)),
                () -> assertMade(
                        reason.map(why -> real.put("/v1/chats/" + id + "/freeze", "{\"reason\": " + quoted(why) + "}"))
                                .orElseGet(() -> real.put("/v1/chats/" + id + "/freeze", "{}")),
                        200));
    }

    private void lookedThrough() {
        awaited.add(() -> Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> real.get("/v1/trees"), reply -> !reply.json().has("incomplete")));
    }

    private void check(String chatId) {
        assertMade(real.post("/v1/chats/" + names.of(chatId) + "/check"), 200);
    }

    // ---- limits of accounts ----

    private void periodLimit(String kind, String id, long micros) {
        inMemory.ifPresentOrElse(
                reader -> {
                    if (kind.equals("account")) {
                        limitsInMemory.ofAccount(id, micros);
                    } else {
                        limitsInMemory.ofGroup(id, micros);
                    }
                },
                () -> assertMade(
                        real.put("/v1/limits/" + kind + "s/" + id, "{\"spend_limit_micros\": " + micros + "}"), 200));
    }

    /** It holds for the accounts of all other examples too, so it is taken away at the end. */
    private void defaultLimit(long micros, String period) {
        String body = "{\"spend_limit_micros\": " + micros + ", \"period\": " + quoted(period) + "}";
        open.add(this::removeDefaultLimit);
        assertMade(real.put("/v1/limits/default", body), 200);
    }

    void removeDefaultLimit() {
        assertMade(real.delete("/v1/limits/default"), 204);
    }

    private void groups(String accountId, String one, String other) {
        String body = "{\"group_ids\": [" + quoted(one) + ", " + quoted(other) + "]}";
        assertMade(real.put("/v1/accounts/" + accountId + "/groups", body), 200);
    }

    private void accountSpent(String accountId, long micros) {
        String chatId = accountId + "-chat";
        post(List.of("{\"message_id\": \"m\", \"chat_id\": " + quoted(chatId) + ", \"account_id\": " + quoted(accountId)
                + ", \"cost_micros\": " + micros + "}"));
        Reply chat = real.post(
                "/v1/chats", "{\"chat_id\": " + quoted(chatId) + ", \"account_id\": " + quoted(accountId) + "}");
        assertMade(chat, 201);
        awaitAccount(accountId, micros);
    }

    private void viewsNotRead() {
        limitsInMemory = new FakeLimits(false);
        freezesInMemory = new FakeFreezes(false);
        health = new FixedHealth(
                List.of(),
                List.of(
                        new Health.Check("streams", true, "state RUNNING"),
                        new Health.Check("started", true, "the fold has run"),
                        new Health.Check("views", false, "the views are not read yet"),
                        PLACEMENT,
                        PEERS,
                        STAYING));
    }

    // ---- bodies too large to be written down ----

    private void bodyOfBytes(long bytes) {
        body = Optional.of("{}" + " ".repeat((int) bytes - 2));
    }

    private void bodyOfMessages(long count) {
        body = Optional.of(Stream.generate(() -> json(names.of("c-1"), 1L))
                .limit(count)
                .collect(Collectors.joining(",", "[", "]")));
    }

    // ---- faults ----

    private void storesUnreadable() {
        inMemory.orElseThrow().unreadable(DegradedReason.STORE_ERROR);
    }

    private void outOfTouch() {
        inMemory.orElseThrow().doubt(DegradedReason.STALE_OWNER);
    }

    private void bug() {
        // Without a stack, which the log would be full of.
        inMemory.orElseThrow().failing(new RuntimeException("a bug that a test made up", null, false, false) {});
    }

    private static StubStreams noRoomForStreams() {
        StubStreams none = StubStreams.empty();
        return new StubStreams(
                none.alerts(),
                none.history(),
                none.sources(),
                new EventStreams.Limits(0, 1, EventStreams.Limits.USUAL.beat()));
    }

    private void tokens() {
        Tokens tokens = Tokens.parse("metrics token-of-prometheus");
        access = new Access(Optional.of(() -> tokens), Optional.empty());
    }

    private void streamsFailed() {
        Health.Check streams = new Health.Check("streams", false, "state ERROR");
        health = new FixedHealth(
                List.of(streams),
                List.of(
                        streams,
                        new Health.Check("started", true, "the fold has run"),
                        VIEWS,
                        PLACEMENT,
                        PEERS,
                        STAYING));
    }

    private void notRunYet() {
        health = new FixedHealth(
                List.of(),
                List.of(
                        new Health.Check("streams", true, "state REBALANCING"),
                        new Health.Check("started", false, "the fold has not run yet"),
                        VIEWS,
                        PLACEMENT,
                        PEERS,
                        STAYING));
    }

    private void notCaughtUpYet(long left) {
        health = new FixedHealth(
                List.of(),
                List.of(
                        new Health.Check("streams", true, "state RUNNING"),
                        new Health.Check("started", true, "the fold has run"),
                        VIEWS,
                        PLACEMENT,
                        PEERS,
                        STAYING,
                        new Health.Check(
                                "caught_up", false, left + " records left of those that were there at the start")));
    }

    // ---- waiting ----

    private void awaitTree(String rootChatId, long chats, long pricedMessages, long spent) {
        long shown = Math.min(spent, (1L << 53) - 1);
        awaitSpend(
                rootChatId,
                spend -> spend.at("/tree/chats").longValue() == chats
                        && spend.at("/tree/priced_messages").longValue() == pricedMessages
                        && spend.at("/tree/spent_micros").longValue() == shown);
    }

    private void awaitAccount(String accountId, long spent) {
        long shown = Math.min(spent, (1L << 53) - 1);
        awaited.add(() -> Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(10))
                .until(
                        () -> real.get("/v1/accounts/" + accountId + "/spend"),
                        reply -> reply.json().path("spent_micros").longValue() == shown));
    }

    private void awaitSpend(String chatId, Predicate<JsonNode> settled) {
        String path = "/v1/chats/" + URLEncoder.encode(chatId, StandardCharsets.UTF_8) + "/spend";
        awaited.add(() -> Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> real.get(path), reply -> reply.status() == 200 && settled.test(reply.json())));
    }

    private static void assertMade(Reply reply, int status) {
        assertThat(reply.status()).as("making what is given: %s", reply.body()).isEqualTo(status);
    }

    private static String quoted(String text) {
        return "\"" + text + "\"";
    }

    private static long number(String text) {
        return text.equals("one") ? 1 : Long.parseLong(text.replace(",", ""));
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }
}
