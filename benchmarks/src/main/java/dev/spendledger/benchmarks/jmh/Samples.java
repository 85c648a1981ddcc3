package dev.spendledger.benchmarks.jmh;

import dev.spendledger.api.decision.Decider;
import dev.spendledger.api.decision.Decider.LookupErrorPolicy;
import dev.spendledger.api.decision.Decision;
import dev.spendledger.api.decision.Finding;
import dev.spendledger.api.decision.FreezeFinding;
import dev.spendledger.api.decision.Subject;
import dev.spendledger.api.query.AccountSpend;
import dev.spendledger.api.query.Freshness;
import dev.spendledger.api.query.ServedBy;
import dev.spendledger.events.ChatCreated;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.Partitions;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.domain.AccountLimit;
import dev.spendledger.streams.domain.ChatSpend;
import dev.spendledger.streams.domain.Limit;
import dev.spendledger.streams.domain.Message;
import dev.spendledger.streams.domain.MessageFact;
import dev.spendledger.streams.domain.Models;
import dev.spendledger.streams.domain.Period;
import dev.spendledger.streams.domain.PeriodLimitKey;
import dev.spendledger.streams.domain.Thresholds;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.domain.TreeSpend;
import dev.spendledger.streams.intake.FactReader;
import dev.spendledger.streams.intake.Source;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** What the functions are measured with: one message of one tree, with UUIDs for ids, as those of a chat service are. */
public final class Samples {
    static final TopicNames NAMES = new TopicNames("");
    static final String CHATS = NAMES.of(Topic.CHATS);
    static final String MESSAGES = NAMES.of(Topic.PRICED_MESSAGES);
    static final int PARTITIONS = 12;

    static final String ROOT_ID = id("root");
    static final String CHAT_ID = id("chat");
    static final String ACCOUNT_ID = id("account");
    static final String MESSAGE_ID = id("message");
    static final Instant NOW = Instant.parse("2026-11-23T12:34:56.789Z");

    private static final Thresholds THRESHOLDS = new Thresholds(List.of(50, 80, 95, 100));
    private static final long SPENT_MICROS = 7_654_321;
    private static final long LIMIT_MICROS = 10_000_000;

    private Samples() {}

    private static String id(String name) {
        return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
    }

    static EventSerde events() {
        return new EventSerde(new BundledRegistry());
    }

    static byte[] bytes(String topic, SpecificRecord event) {
        return events().serializer().serialize(topic, event);
    }

    static ChatCreated chatCreated() {
        return new ChatCreated(CHAT_ID, ROOT_ID, ROOT_ID, ACCOUNT_ID, null, NOW);
    }

    static MessagePriced messagePriced(int revision) {
        return new MessagePriced(
                MESSAGE_ID,
                CHAT_ID,
                ROOT_ID,
                ACCOUNT_ID,
                revision,
                12_345L + revision,
                "a-model-of-2026",
                3_000L,
                500L,
                NOW);
    }

    /** The same as a record of the log, keyed by its root. */
    static Source messageRecord() {
        byte[] key = ROOT_ID.getBytes(StandardCharsets.UTF_8);
        return new Source(
                MESSAGES,
                Partitions.of(key, PARTITIONS),
                1_234_567,
                NOW,
                key,
                bytes(MESSAGES, messagePriced(0)),
                new RecordHeaders());
    }

    static MessageFact messageFact(int revision) {
        return FactReader.toFact(messagePriced(revision));
    }

    static Message message() {
        return Message.of(messageFact(0));
    }

    static ChatSpend chatSpend() {
        return new ChatSpend(ROOT_ID, ACCOUNT_ID, totals(), Models.NONE);
    }

    static TreeSpend treeSpend(long limitMicros) {
        return new TreeSpend(ACCOUNT_ID, totals(), new Limit(limitMicros, 42), 17);
    }

    static TreeSpend treeWithin() {
        return treeSpend(LIMIT_MICROS);
    }

    private static TreeSpend treeExhausted() {
        return treeSpend(SPENT_MICROS);
    }

    private static AccountSpend accountSpend() {
        return new AccountSpend(
                ACCOUNT_ID,
                new AccountLimit(
                        Period.MONTH,
                        Optional.of(new AccountLimit.InForce(LIMIT_MICROS, PeriodLimitKey.Kind.ACCOUNT, null, NOW))),
                Period.MONTH.at(NOW),
                totals());
    }

    private static Totals totals() {
        return new Totals(BigInteger.valueOf(SPENT_MICROS), 620, 3);
    }

    /** What a check is decided from, once all of it is read. */
    public record Question(Subject subject, Finding<TreeSpend> tree, Finding<AccountSpend> account) {
        /** A tree within its limit, whose account has none. */
        public static Question within() {
            return of(treeWithin(), new Finding.Nothing<>());
        }

        /** A tree that has spent its limit. */
        public static Question exhausted() {
            return of(treeExhausted(), new Finding.Nothing<>());
        }

        /** A tree within its limit, whose account is within one of its own. */
        public static Question withinPeriod() {
            return of(treeWithin(), found(accountSpend()));
        }

        private static Question of(TreeSpend tree, Finding<AccountSpend> account) {
            return new Question(
                    new Subject(CHAT_ID, Optional.of(ROOT_ID), Optional.of(ACCOUNT_ID)), found(tree), account);
        }

        private static <T> Finding<T> found(T spend) {
            return new Finding.Found<>(spend, ServedBy.OWNER, new Freshness(NOW, 12, Optional.empty()));
        }

        /** The decision of the ledger. */
        public Decision decide() {
            return Decider.decide(
                    subject, new FreezeFinding.NotFrozen(), tree, account, LookupErrorPolicy.OPEN, THRESHOLDS);
        }
    }
}
