package dev.spendledger.streams.topology;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.spendledger.schemas.Partitions;
import dev.spendledger.state.Canary;
import dev.spendledger.state.Member;
import dev.spendledger.state.ReleaseMore;
import dev.spendledger.state.RootAnswer;
import dev.spendledger.state.RootQuestion;
import dev.spendledger.state.RoutedEvent;
import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.ChatSpend;
import dev.spendledger.streams.domain.Lineage;
import dev.spendledger.streams.domain.Ranges;
import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.domain.Rejection;
import dev.spendledger.streams.domain.Resolution;
import dev.spendledger.streams.domain.Resolution.Question;
import dev.spendledger.streams.domain.Resolution.Step;
import dev.spendledger.streams.domain.Root;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.intake.Source;
import dev.spendledger.streams.topology.Parked.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.BytesSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the root of every chat, and brings every message to its root's partition. Owns the lineage of the chats whose id
 * hashes to this partition, and all that waits for it.
 *
 * <p>What is at home goes straight on to {@link FoldSpendProcessor}; what is not travels through {@code ledger-routing} and
 * comes back in at the door of another partition. A chat sends its {@code Member} before any of its messages along the
 * same way, so a message that reaches its root always finds its chat a member.
 *
 * <p>Each handler reads and computes first and writes last: a failure on the way leaves nothing half done.
 */
final class ResolveRootProcessor implements Processor<byte[], Incoming, Object, Object>, Incoming.Receiver {
    /** How many waiting rows one record lets go at most, so that no transaction grows without bound. */
    static final int RELEASED_MAX = 500;

    /** How often a partition sends itself a canary. */
    static final Duration CANARY_PERIOD = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(ResolveRootProcessor.class);
    private static final BytesSerializer PREFIX_SERIALIZER = new BytesSerializer();

    private final int partitions;
    private final long recentMembers;
    private final LedgerObserver observer;
    private ProcessorContext<Object, Object> context;
    private KeyValueStore<String, Lineage> rootByChat;
    private KeyValueStore<Bytes, Integer> waitingChats;
    private KeyValueStore<Bytes, Parked> parkedEvents;
    private KeyValueStore<Bytes, ChatSpend> spendByChat;
    /** Who has last been found to be a member, which nobody ceases to be. */
    private Cache<Bytes, Boolean> members;

    private long parkedMessages;
    private Record<byte[], Incoming> current;

    /** @param recentMembers how many members of trees are kept in memory of this partition */
    ResolveRootProcessor(int partitions, long recentMembers, LedgerObserver observer) {
        this.partitions = partitions;
        this.recentMembers = recentMembers;
        this.observer = observer;
    }

    @Override
    public void init(ProcessorContext<Object, Object> processorContext) {
        context = processorContext;
        rootByChat = LedgerTopology.ROOT_BY_CHAT.in(context);
        waitingChats = LedgerTopology.WAITING_CHATS.in(context);
        parkedEvents = LedgerTopology.PARKED_EVENTS.in(context);
        spendByChat = LedgerTopology.SPEND_BY_CHAT.in(context);
        members = Caffeine.newBuilder()
                .maximumSize(recentMembers)
                .executor(Runnable::run)
                .build();
        countParked(storedParkedMessages());
        String canaryKey = Partitions.keyOf(here(), partitions);
        context.schedule(CANARY_PERIOD, PunctuationType.WALL_CLOCK_TIME, nowMs -> sendCanary(canaryKey, nowMs));
        observer.onOpened(LedgerTopology.SPEND_BY_ROOT, here());
    }

    @Override
    public void close() {
        observer.onParkedMessages(here(), 0);
        observer.onClosed(LedgerTopology.SPEND_BY_ROOT, here());
    }

    @Override
    public void process(Record<byte[], Incoming> record) {
        current = record;
        record.value().deliverTo(this);
    }

    @Override
    public void onChat(Incoming.Chat chat) {
        ChatFact fact = chat.fact();
        Lineage before = lineage(fact.chatId());
        if (before.isCreated() && !before.created().saysTheSameAs(fact)) {
            bury(
                    chat.source(),
                    RejectReason.CHAT_REDEFINED,
                    "chat " + fact.chatId() + " was created before with another parent, account or limit");
            return;
        }
        // An equal repeat does it all again. Mostly that changes nothing; but whatever a fault of the ledger has lost
        // on
        // the way, a question, its answer or a Member, can be had again only by sending the chat again.
        Lineage created = before.isCreated() ? before : before.withCreated(fact);
        Released released = released(fact.chatId(), created);
        if (fact.isRoot()) {
            fold(fact.chatId(), new FoldCommand.OpenTree(created.created()));
        } else if (created.root() instanceof Root.Rooted rooted) {
            join(rooted.rootChatId(), created.created());
        } else if (created.root() == null) {
            if (!before.isCreated()) {
                parkedEvents.put(Kind.CHAT.key(fact.chatId(), chat.source().id()), Parked.other(chat.source()));
            }
            // Before the questions that wait here: in a circle it is then the first to come back.
            ask(fact.parentChatId(), Question.by(fact.chatId()));
        }
        keep(fact.chatId(), created, released);
    }

    @Override
    public void onLimit(Incoming.LimitSet limit) {
        String chatId = limit.fact().rootChatId();
        Lineage lineage = lineage(chatId);
        if (!lineage.isCreated()) {
            parkedEvents.put(Kind.LIMIT.key(chatId, limit.source().id()), Parked.other(limit.source()));
        } else if (lineage.created().isRoot()) {
            fold(chatId, new FoldCommand.SetLimit(limit.fact().limit()));
        } else {
            bury(
                    limit.source(),
                    RejectReason.LIMIT_ON_CHILD,
                    "chat " + chatId + " has the parent " + lineage.created().parentChatId()
                            + "; the limit of a tree is set on its root");
        }
    }

    @Override
    public void onMessage(Incoming.Message message) {
        String chatId = message.fact().chatId();
        if (isMember(message.addressee(), chatId)) {
            fold(message.addressee(), new FoldCommand.CountMessage(message.fact()));
        } else if (message.routed() && !message.addressee().equals(chatId)) {
            // Never to be sent back: without its Member record it would go round for ever.
            throw new IllegalStateException("Chat " + chatId + " is sent to its root " + message.addressee()
                    + " and is no member of that tree");
        } else if (Partitions.of(chatId, partitions) == here()) {
            onMessageAtItsChat(message, lineage(chatId));
        } else {
            route(chatId, new RoutedEvent(StateSerdes.toRecord(message.source())));
        }
    }

    private void onMessageAtItsChat(Incoming.Message message, Lineage lineage) {
        String chatId = message.fact().chatId();
        if (lineage.root() instanceof Root.Rooted rooted && isMember(rooted.rootChatId(), chatId)) {
            fold(rooted.rootChatId(), new FoldCommand.CountMessage(message.fact()));
        } else if (lineage.isCreated() && lineage.created().isRoot()) {
            // Not to be sent to its root, which is here: it would come back for ever.
            throw new IllegalStateException("Chat " + chatId + " is a root, and its tree is missing");
        } else if (lineage.root() != null) {
            letGo(chatId, lineage.root(), message.source());
        } else {
            Bytes key = Kind.MESSAGE.key(chatId, message.source().id());
            if (parkedEvents.get(key) != null) {
                return; // Read a second time, after its consumer's offsets were set back.
            }
            Parked parked = Parked.message(message.source(), message.fact());
            parkedEvents.put(key, parked);
            rootByChat.put(chatId, lineage.withParked(lineage.parked().plus(parked.costMicros())));
            countParked(parkedMessages + 1);
        }
    }

    @Override
    public void onQuestion(Incoming.RootQuestion question) {
        follow(question.askedChatId(), lineage(question.askedChatId()), question.question());
    }

    private void follow(String askedChatId, Lineage asked, Question question) {
        Step step = Resolution.step(askedChatId, asked, question);
        if (step instanceof Step.Wait) {
            waitingChats.put(StoreKeys.of(askedChatId, question.originChatId()), question.hops());
        } else if (step instanceof Step.TravelOn travel) {
            ask(travel.parentChatId(), travel.question());
        } else if (step instanceof Step.Answer answer) {
            route(question.originChatId(), toRouting(answer.root()));
        }
    }

    @Override
    public void onAnswer(Incoming.RootAnswer answer) {
        String chatId = answer.originChatId();
        Lineage before = lineage(chatId);
        if (!before.isCreated() || before.root() != null) {
            return; // A root is found once and for ever.
        }
        Lineage resolved = before.withRoot(answer.root());
        Released released = released(chatId, resolved);
        if (answer.root() instanceof Root.Rooted rooted) {
            join(rooted.rootChatId(), resolved.created());
        }
        keep(chatId, resolved, released);
    }

    @Override
    public void onMember(Incoming.Member member) {
        fold(
                member.rootChatId(),
                new FoldCommand.AddMember(member.chatId(), member.parentChatId(), member.accountId()));
    }

    @Override
    public void onReleaseMore(Incoming.ReleaseMore more) {
        Lineage lineage = lineage(more.chatId());
        keep(more.chatId(), lineage, released(more.chatId(), lineage));
    }

    @Override
    public void onCanary(Incoming.Canary canary) {
        observer.onCanary(here(), canary.sentAt());
    }

    /** By the way of all that is routed: written in a transaction, read once that is committed. */
    private void sendCanary(String key, long nowMs) {
        context.forward(new Record<>(key, new Canary(Instant.ofEpochMilli(nowMs)), nowMs), LedgerTopology.ROUTING_SINK);
    }

    /** What waits at a chat and can go on now, as much of it as one record may let go. */
    private record Released(
            List<KeyValue<Bytes, Integer>> questions,
            List<KeyValue<Bytes, Parked>> limits,
            List<KeyValue<Bytes, Parked>> chats,
            List<KeyValue<Bytes, Parked>> messages) {
        boolean moreMayWait() {
            return questions.size() + limits.size() + chats.size() + messages.size() == RELEASED_MAX;
        }
    }

    private Released released(String chatId, Lineage lineage) {
        int room = RELEASED_MAX;
        List<KeyValue<Bytes, Integer>> questions = first(room, waitingChats, StoreKeys.prefix(chatId));
        room -= questions.size();
        List<KeyValue<Bytes, Parked>> limits = first(room, parkedEvents, Kind.LIMIT.prefix(chatId));
        if (lineage.root() == null) {
            return new Released(questions, limits, List.of(), List.of()); // The others wait for a root.
        }
        room -= limits.size();
        List<KeyValue<Bytes, Parked>> chats = first(room, parkedEvents, Kind.CHAT.prefix(chatId));
        room -= chats.size();
        return new Released(questions, limits, chats, first(room, parkedEvents, Kind.MESSAGE.prefix(chatId)));
    }

    /** Keeps what is known of a chat now and lets go what waited for it; a long queue goes on with a record to itself. */
    private void keep(String chatId, Lineage lineage, Released released) {
        for (KeyValue<Bytes, Integer> question : released.questions) {
            waitingChats.delete(question.key);
            follow(chatId, lineage, new Question(StoreKeys.second(question.key), question.value));
        }
        for (KeyValue<Bytes, Parked> limit : released.limits) {
            parkedEvents.delete(limit.key);
            // Back to the door: it is read again there, and then meets a chat that is known.
            route(chatId, new RoutedEvent(StateSerdes.toRecord(limit.value.source())));
        }
        for (KeyValue<Bytes, Parked> chat : released.chats) {
            parkedEvents.delete(chat.key);
            if (lineage.root() instanceof Root.Unrooted unrooted) {
                buryForWantOfRoot(chatId, unrooted, chat.value.source());
            }
        }
        Totals stillParked = lineage.parked();
        for (KeyValue<Bytes, Parked> message : released.messages) {
            parkedEvents.delete(message.key);
            stillParked = stillParked.minus(message.value.costMicros());
            letGo(chatId, lineage.root(), message.value.source());
        }
        rootByChat.put(chatId, lineage.withParked(stillParked));
        countParked(parkedMessages - released.messages.size());
        if (released.moreMayWait()) {
            route(chatId, new ReleaseMore());
        }
    }

    private void letGo(String chatId, Root root, Source message) {
        if (root instanceof Root.Rooted rooted) {
            route(rooted.rootChatId(), new RoutedEvent(StateSerdes.toRecord(message)));
        } else if (root instanceof Root.Unrooted unrooted) {
            buryForWantOfRoot(chatId, unrooted, message);
        }
    }

    private Lineage lineage(String chatId) {
        return Optional.ofNullable(rootByChat.get(chatId)).orElse(Lineage.HEARD_OF);
    }

    /**
     * Whether a chat is a member of a tree of this partition: the row that says so is kept in the tree's home only.
     *
     * @param rootChatId what may be the tree's root, or any key that a producer took
     */
    private boolean isMember(String rootChatId, String chatId) {
        return Ranges.isId(rootChatId)
                && members.get(
                                StoreKeys.of(rootChatId, chatId),
                                member -> spendByChat.get(member) == null ? null : Boolean.TRUE)
                        != null;
    }

    private int here() {
        return context.taskId().partition();
    }

    private void fold(String rootChatId, FoldCommand command) {
        context.forward(
                new Record<>(rootChatId, command, current.timestamp(), current.headers()), LedgerTopology.FOLD_SPEND);
    }

    private void join(String rootChatId, ChatFact chat) {
        route(rootChatId, new Member(chat.chatId(), chat.parentChatId(), chat.accountId()));
    }

    private void ask(String askedChatId, Question question) {
        route(askedChatId, new RootQuestion(question.originChatId(), question.hops()));
    }

    private static RootAnswer toRouting(Root root) {
        if (root instanceof Root.Rooted rooted) {
            return new RootAnswer(rooted.rootChatId(), rooted.depth(), null);
        }
        return new RootAnswer(null, 0, ((Root.Unrooted) root).why());
    }

    /** Stamped with the time of the record that is being handled: Streams reads the lowest time first. */
    private void route(String addressee, Object body) {
        context.forward(new Record<>(addressee, body, current.timestamp()), LedgerTopology.ROUTING_SINK);
    }

    private void bury(Source source, RejectReason reason, String detail) {
        observer.onDeadLetter(reason);
        context.forward(
                DeadLetters.of(source, new Rejection(reason, detail), current.timestamp()),
                LedgerTopology.DEAD_LETTERS_SINK);
    }

    private void buryForWantOfRoot(String chatId, Root.Unrooted unrooted, Source source) {
        bury(source, RejectReason.NO_ROOT, "chat " + chatId + " has no root: " + unrooted.why());
    }

    private static <V> List<KeyValue<Bytes, V>> first(int most, KeyValueStore<Bytes, V> store, Bytes prefix) {
        List<KeyValue<Bytes, V>> rows = new ArrayList<>();
        try (KeyValueIterator<Bytes, V> iterator = store.prefixScan(prefix, PREFIX_SERIALIZER)) {
            while (rows.size() < most && iterator.hasNext()) {
                Bytes key = iterator.peekNextKey();
                try {
                    rows.add(iterator.next());
                } catch (SerializationException e) {
                    // It stays where it is, in sight of `ledger verify`: it must not hold up what waits beside it.
                    log.error("A row that waits cannot be read. store={} key={}", store.name(), key, e);
                }
            }
        }
        return rows;
    }

    private void countParked(long count) {
        parkedMessages = count;
        observer.onParkedMessages(here(), count);
    }

    private long storedParkedMessages() {
        long count = 0;
        try (KeyValueIterator<Bytes, Parked> iterator = parkedEvents.all()) {
            while (iterator.hasNext()) {
                count += Kind.MESSAGE.isKindOf(iterator.peekNextKey()) ? 1 : 0;
                skip(iterator);
            }
        }
        return count;
    }

    private static void skip(KeyValueIterator<?, ?> iterator) {
        try {
            iterator.next();
        } catch (SerializationException e) {
            return; // Its value is read when it is needed: here it would keep the whole ledger from starting.
        }
    }
}
