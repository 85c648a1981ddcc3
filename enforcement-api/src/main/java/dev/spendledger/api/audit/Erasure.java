package dev.spendledger.api.audit;

import dev.spendledger.events.ChatCreated;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.schemas.RegistryUnavailableException;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.LimitFact;
import dev.spendledger.streams.domain.Lineage;
import dev.spendledger.streams.domain.LogFold;
import dev.spendledger.streams.domain.MessageFact;
import dev.spendledger.streams.domain.PeriodLimitKey;
import dev.spendledger.streams.intake.FactReader;
import dev.spendledger.streams.intake.LatestFactReader;
import dev.spendledger.streams.intake.RecordId;
import dev.spendledger.streams.intake.RejectedRecordException;
import dev.spendledger.streams.intake.Source;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;

/**
 * What is to be copied of the facts of a ledger so that an account is nowhere in the copy, and the trees of all others come to
 * the same totals. Not copied are its trees: those whose root is a chat of the account, whole. In the tree of another account
 * what names it has to go on counting, so there another name stands in for it.
 */
public final class Erasure {
    /** Stands in for the account. */
    public static final String STAND_IN = "erased";

    private static final Set<Topic> LATEST = Set.of(Topic.ACCOUNT_LIMITS, Topic.ACCOUNT_GROUPS, Topic.CHAT_FREEZES);

    private final Optional<String> accountId;
    private final FactReader facts;
    private final LatestFactReader latestFacts;
    private final Serde<SpecificRecord> events;
    private final String freezesTopic;
    private final String groupsTopic;
    private final Set<String> latestTopics;
    private final LogFold<RecordId> fold = new LogFold<>();
    private Map<String, Lineage> lineages = Map.of();

    /** What becomes of a record. */
    public enum Outcome {
        /** Copied as it is. */
        COPIED,
        /** Copied with {@link #STAND_IN} for the account. */
        RENAMED,
        /** Not copied: it belongs to the account. */
        ERASED,
        /** Not copied: by itself a dead letter, it states no fact. In a compacted topic a tombstone says what it came to. */
        WRONG
    }

    /**
     * What becomes of a record.
     *
     * @param copy what is to be written in its place; empty = nothing
     */
    public record Verdict(Outcome outcome, Optional<Source> copy) {}

    /**
     * @param accountId the account; empty = none, and all that states a fact is copied
     * @param names of the topics that are copied
     * @param partitions how many partitions each of them has
     */
    public Erasure(Optional<String> accountId, TopicNames names, int partitions, Serde<SpecificRecord> events) {
        this.accountId = accountId;
        this.facts = new FactReader(names, partitions, events);
        this.latestFacts = new LatestFactReader(names, partitions, events);
        this.events = events;
        this.freezesTopic = names.of(Topic.CHAT_FREEZES);
        this.groupsTopic = names.of(Topic.ACCOUNT_GROUPS);
        this.latestTopics = LATEST.stream().map(names::of).collect(Collectors.toSet());
    }

    /** What a fact is about. */
    private record About(String chatId, Optional<String> accountId, Optional<ChatFact> chat) {}

    private static final FactReader.Receiver<About> ABOUT = new FactReader.Receiver<>() {
        @Override
        public About onChat(ChatFact chat, Source source) {
            return new About(chat.chatId(), Optional.of(chat.accountId()), Optional.of(chat));
        }

        @Override
        public About onLimit(LimitFact limit, Source source) {
            return new About(limit.rootChatId(), Optional.empty(), Optional.empty());
        }

        @Override
        public About onMessage(MessageFact message, Source source) {
            return new About(message.chatId(), Optional.of(message.attribution().accountId()), Optional.empty());
        }
    };

    /** Learns which tree each chat belongs to: from all of them, in the order of the log, before anything is judged. */
    public void learn(Source chat) {
        try {
            facts.read(chat, ABOUT).chat().ifPresent(fact -> fold.accept(fact, chat.id()));
        } catch (RejectedRecordException e) {
            return; // It creates nothing; what becomes of it is judged with the others.
        }
    }

    /** Says that all chats have been learnt. */
    public void learnt() {
        lineages = fold.lineages();
    }

    /**
     * Judges a record of any topic of facts.
     *
     * @throws RegistryUnavailableException if only the schema registry can tell what it states, and does not answer
     */
    public Verdict judge(Source source) {
        if (latestTopics.contains(source.topic())) {
            return judgeLatest(source);
        }
        try {
            return verdict(facts.read(source, ABOUT), source);
        } catch (RejectedRecordException e) {
            return new Verdict(Outcome.WRONG, Optional.empty());
        }
    }

    private Verdict judgeLatest(Source source) {
        if (isOwnKey(source)) {
            return new Verdict(Outcome.ERASED, Optional.empty());
        }
        if (isRight(source)) {
            return new Verdict(Outcome.COPIED, Optional.of(source));
        }
        return new Verdict(Outcome.WRONG, Optional.of(source.asTombstone()).filter(this::isRight));
    }

    private boolean isOwnKey(Source source) {
        String key = source.key() == null ? "" : new String(source.key(), StandardCharsets.UTF_8);
        if (source.topic().equals(freezesTopic)) {
            return isOwnTree(key);
        }
        return accountId
                .map(id -> source.topic().equals(groupsTopic)
                        ? id
                        : PeriodLimitKey.ofAccount(id).toString())
                .filter(key::equals)
                .isPresent();
    }

    private boolean isRight(Source source) {
        try {
            latestFacts.read(source, new LatestFactReader.Receiver() {});
            return true;
        } catch (RejectedRecordException e) {
            return false;
        }
    }

    private Verdict verdict(About fact, Source source) {
        boolean isNamed = isIt(fact.accountId());
        // What names the account and has no root counts in no tree, so no total needs it.
        if (isOwnTree(fact.chatId()) || isNamed && root(fact.chatId()).isEmpty()) {
            return new Verdict(Outcome.ERASED, Optional.empty());
        }
        return isNamed
                ? new Verdict(Outcome.RENAMED, Optional.of(renamed(source)))
                : new Verdict(Outcome.COPIED, Optional.of(source));
    }

    private boolean isOwnTree(String chatId) {
        return isIt(root(chatId).map(root -> lineages.get(root).created().accountId()));
    }

    private boolean isIt(Optional<String> account) {
        return account.isPresent() && account.equals(accountId);
    }

    private Optional<String> root(String chatId) {
        return Stream.ofNullable(lineages.get(chatId))
                .flatMap(lineage -> lineage.rootChatId().stream())
                .findFirst();
    }

    private Source renamed(Source source) {
        SpecificRecord event = events.deserializer().deserialize(source.topic(), source.value());
        if (event instanceof ChatCreated chat) {
            chat.setAccountId(STAND_IN);
        } else if (event instanceof MessagePriced message) {
            message.setAccountId(STAND_IN);
        }
        byte[] value = events.serializer().serialize(source.topic(), event);
        return new Source(
                source.topic(),
                source.partition(),
                source.offset(),
                source.appendTime(),
                source.key(),
                value,
                source.headers());
    }
}
