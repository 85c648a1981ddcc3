package dev.spendledger.api.query;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.spendledger.events.TreeStatus;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.Limit;
import dev.spendledger.streams.domain.LimitFact;
import dev.spendledger.streams.domain.MessageFact;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.domain.TreeSpend;
import dev.spendledger.streams.intake.FactReader;
import dev.spendledger.streams.intake.RejectedRecordException;
import dev.spendledger.streams.intake.Source;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this instance knows of trees by itself, whatever fails: which are exhausted, by {@code tree-status}; and what fresh
 * owners have last said to it. A limit set later that is above the spend, or none, ends that a tree is known to be exhausted:
 * nobody may be held to a limit that has been raised. Grows with the trees that have reached theirs.
 */
public final class KnownTrees extends View {
    private static final long SEEN_MOST = 100_000;
    /** A status that is older than a limit may arrive after it, but by no more than a commit. */
    private static final long LATE_LIMITS_MOST = 100_000;

    private static final Duration LATE_LIMITS_KEPT = Duration.ofMinutes(10);

    private static final Logger log = LoggerFactory.getLogger(KnownTrees.class);

    private final TopicNames names;
    private final FactReader facts;
    private final Deserializer<SpecificRecord> events;
    private final Map<String, Known> told = new ConcurrentHashMap<>();
    private final Cache<String, Known> seen =
            Caffeine.newBuilder().maximumSize(SEEN_MOST).build();
    private final Cache<String, Limit> limits = Caffeine.newBuilder()
            .maximumSize(LATE_LIMITS_MOST)
            .expireAfterWrite(LATE_LIMITS_KEPT)
            .build();

    /**
     * What was last heard of a tree.
     *
     * @param tree its spend and its limit; by {@code tree-status} nothing else of it counts
     * @param asOf when it was so
     */
    public record Known(TreeSpend tree, Instant asOf) {
        private boolean endedBy(Limit limit) {
            return limit.offset() > tree.limit().offset()
                    && !tree.withLimit(limit).exhausted();
        }
    }

    public KnownTrees(TopicNames names, FactReader facts, Deserializer<SpecificRecord> events) {
        super(Topic.TREE_STATUS, Topic.CHAT_LIMITS);
        this.names = names;
        this.facts = facts;
        this.events = events;
    }

    /** The latest that is known of a tree that is known to be exhausted; empty = it is not. */
    public Optional<Known> exhausted(String rootChatId) {
        return Stream.of(
                        Optional.ofNullable(told.get(rootChatId)),
                        seen(rootChatId).filter(known -> known.tree().exhausted()))
                .flatMap(Optional::stream)
                .max(Comparator.comparing(Known::asOf));
    }

    /** What a fresh owner has last said of a tree. */
    public Optional<Known> seen(String rootChatId) {
        return Optional.ofNullable(seen.getIfPresent(rootChatId));
    }

    /** A fresh owner has said it. */
    public void onFresh(String rootChatId, TreeSpend tree, Instant asOf) {
        Known before = seen.getIfPresent(rootChatId);
        if (before != null && before.asOf().equals(asOf) && before.tree().equals(tree)) {
            return; // As most: many checks come between two looks at how far a partition is.
        }
        Known known = new Known(tree, asOf);
        if (tree.exhausted() && endedByLimit(rootChatId, known)) {
            return;
        }
        // Of two answers that overtake each other the older one is not the last word.
        seen.asMap().merge(rootChatId, known, (one, now) -> now.asOf().isBefore(one.asOf()) ? one : now);
    }

    private boolean endedByLimit(String rootChatId, Known exhausted) {
        Limit limit = limits.getIfPresent(rootChatId);
        return limit != null && exhausted.endedBy(limit);
    }

    @Override
    protected void read(Source source) throws RejectedRecordException {
        if (source.topic().equals(names.of(Topic.TREE_STATUS))) {
            try {
                onStatus(source);
            } catch (RejectedRecordException e) {
                // Not the ledger's word. What it last said stands: nothing that anybody writes may let a tree go on.
                log.warn("A record of tree-status cannot be read. record={}", source.id(), e);
            }
        } else {
            facts.read(source, limitsOnly);
        }
    }

    private void onStatus(Source source) throws RejectedRecordException {
        FactReader.requireKey(source);
        String rootChatId = new String(source.key(), StandardCharsets.UTF_8);
        if (source.value() == null) {
            told.remove(rootChatId);
            return;
        }
        TreeStatus status = FactReader.decode(events, source, TreeStatus.class);
        TreeSpend tree = new TreeSpend(
                status.getAccountId(),
                new Totals(BigInteger.valueOf(status.getSpentMicros()), 0, 0),
                new Limit(status.getLimitMicros(), status.getLimitOffset()),
                0);
        Known known = new Known(tree, status.getAt());
        if (endedByLimit(rootChatId, known)) {
            told.remove(rootChatId);
        } else {
            told.put(rootChatId, known);
        }
    }

    private final FactReader.Receiver<Void> limitsOnly = new FactReader.Receiver<>() {
        @Override
        public Void onLimit(LimitFact limit, Source source) {
            limits.put(limit.rootChatId(), limit.limit());
            told.computeIfPresent(limit.rootChatId(), (root, known) -> unlessEnded(known, limit.limit()));
            seen.asMap().computeIfPresent(limit.rootChatId(), (root, known) -> unlessEnded(known, limit.limit()));
            return null;
        }

        @Override
        public Void onChat(ChatFact chat, Source source) {
            throw new IllegalStateException("No chats are read into this view");
        }

        @Override
        public Void onMessage(MessageFact message, Source source) {
            throw new IllegalStateException("No messages are read into this view");
        }
    };

    private static Known unlessEnded(Known known, Limit limit) {
        return known.tree().exhausted() && known.endedBy(limit) ? null : known;
    }
}
