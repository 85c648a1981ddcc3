package dev.spendledger.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.events.AccountGroups;
import dev.spendledger.events.AccountLimitSet;
import dev.spendledger.events.ChatFreezeSet;
import dev.spendledger.schemas.Partitions;
import dev.spendledger.schemas.Topic;
import dev.spendledger.state.Member;
import dev.spendledger.state.RoutedEvent;
import dev.spendledger.streams.domain.Ranges;
import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.intake.Source;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be counted is kept as it came, with the reason, and stops nothing. */
class DeadLetterTest {
    private static final byte[] NO_EVENT = "{\"json\":true}".getBytes(StandardCharsets.UTF_8);

    @RegisterExtension
    private final LedgerDriver ledger = new LedgerDriver();

    // ---- every reason ----

    /** One way into each reason. The list is closed, so one that cannot be reached should not be in it. */
    private static final Map<RejectReason, Consumer<LedgerDriver>> WAYS = new EnumMap<>(Map.ofEntries(
            Map.entry(RejectReason.UNREADABLE, ledger -> ledger.rubbish(Topic.CHATS, "c-1", NO_EVENT)),
            Map.entry(
                    RejectReason.UNKNOWN_SCHEMA,
                    ledger -> ledger.rubbish(Topic.PRICED_MESSAGES, "c-1", new byte[] {0, 0, 0, 0, 42, 1})),
            Map.entry(
                    RejectReason.REGISTRY_UNAVAILABLE,
                    ledger -> ledger.rubbish(
                            Topic.CHAT_LIMITS, "c-1", new byte[] {0, 0, 0, 0, LedgerDriver.LOST_SCHEMA_ID, 1})),
            Map.entry(
                    RejectReason.TOO_LARGE,
                    ledger -> ledger.rubbish(Topic.CHATS, "c-1", new byte[Ranges.MAX_RECORD_BYTES])),
            Map.entry(
                    RejectReason.NULL_KEY,
                    ledger -> ledger.accept(Fact.chat("c-1").fact().withKey(null))),
            Map.entry(RejectReason.NULL_VALUE, ledger -> ledger.rubbish(Topic.CHAT_LIMITS, "c-1", null)),
            Map.entry(
                    RejectReason.KEY_MISMATCH,
                    ledger -> ledger.accept(Fact.chat("c-1").fact().withKey(Fact.utf8("c-2")))),
            Map.entry(
                    RejectReason.OUT_OF_RANGE,
                    ledger -> ledger.message("m-1", "c-1").cost(-1).send()),
            Map.entry(
                    RejectReason.SELF_PARENT,
                    ledger -> ledger.chat("c-1").parent("c-1").create()),
            Map.entry(
                    RejectReason.LIMIT_ON_CHILD,
                    ledger -> ledger.chat("c-2").parent("c-1").limit(5).create()),
            Map.entry(RejectReason.CHAT_REDEFINED, ledger -> {
                ledger.chat("c-1").create();
                ledger.chat("c-1").account("a-2").create();
            }),
            Map.entry(RejectReason.NO_ROOT, ledger -> {
                ledger.chat("c-1").parent("c-2").create();
                ledger.chat("c-2").parent("c-1").create();
            }),
            Map.entry(
                    RejectReason.PRICED_AT_AHEAD,
                    ledger -> ledger.message("m-1", "c-1")
                            .pricedAt(LedgerDriver.START
                                    .plus(Duration.ofHours(24))
                                    .plusMillis(1))
                            .send()),
            // Of a tree that does not exist: nothing but a bug would send it.
            Map.entry(RejectReason.INTERNAL_ERROR, ledger -> ledger.route("c-1", new Member("c-2", "c-1", "a-1"))),
            Map.entry(RejectReason.WRONG_PARTITION, ledger -> {
                throw new UnsupportedOperationException("Needs several partitions: has tests of its own below");
            })));

    @ParameterizedTest
    @Tag("P04")
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "WRONG_PARTITION")
    void shouldReachEveryReason(RejectReason reason) {
        // When
        WAYS.get(reason).accept(ledger);

        // Then
        assertThat(ledger.deadLetterReasons()).isNotEmpty().containsOnly(reason);
        assertThat(ledger.deadLetters().get(0).header(DeadLetters.REASON))
                .isEqualTo(reason.code())
                .isEqualTo(reason.name().toLowerCase(Locale.ROOT));
    }

    /** It may have been read before it was routed, by an instance that knew the schema. */
    @Test
    void shouldBuryTheRecordItselfWhenARoutedOneCannotBeReadForWantOfTheRegistry() {
        // Given
        byte[] value = {0, 0, 0, 0, LedgerDriver.LOST_SCHEMA_ID, 1};
        Source source = new Source(
                "test.priced-messages", 0, 7, LedgerDriver.START, Fact.utf8("c-1"), value, new RecordHeaders());

        // When
        ledger.route("c-1", new RoutedEvent(StateSerdes.toRecord(source)));

        // Then
        assertThat(ledger.deadLetter().reason()).isEqualTo(RejectReason.REGISTRY_UNAVAILABLE);
        assertThat(ledger.deadLetter().value()).isEqualTo(value);
        assertThat(ledger.deadLetter().header(DeadLetters.TOPIC)).isEqualTo("test.priced-messages");
        assertThat(ledger.deadLetter().header(DeadLetters.OFFSET)).isEqualTo("7");
    }

    @Test
    void shouldKnowAWayIntoEveryReason() {
        assertThat(WAYS).containsOnlyKeys(RejectReason.values());
    }

    @ParameterizedTest
    @Tag("P11")
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "WRONG_PARTITION")
    void shouldGoOnCountingAfterADeadLetter(RejectReason reason) {
        // Given
        WAYS.get(reason).accept(ledger);

        // When
        ledger.chat("after").create();
        ledger.message("m-after", "after").cost(5).send();

        // Then
        assertThat(ledger.spent("after")).isEqualTo(5);
    }

    // ---- the form ----

    @Test
    @Tag("P04")
    void shouldKeepTheRecordAsItCameAndSayWhy() {
        // Given
        ledger.chat("c-1").create();
        Fact redefined = Fact.chat("c-1")
                .account("a-2")
                .fact()
                .withHeader("trace", "t-1")
                .withHeader("trace", "t-2");

        // When
        ledger.accept(redefined);

        // Then
        DeadLetter letter = ledger.deadLetter();
        assertThat(letter.key()).isEqualTo(redefined.key());
        assertThat(letter.value()).isEqualTo(redefined.value());
        assertThat(Stream.of(letter.headers().toArray()).map(header -> header.key()))
                .containsExactlyInAnyOrder(
                        "trace",
                        "trace",
                        "ledger.reason",
                        "ledger.detail",
                        "ledger.original.timestamp",
                        "__streams.errors.topic",
                        "__streams.errors.partition",
                        "__streams.errors.offset");
        assertThat(letter.header("ledger.reason")).isEqualTo("chat_redefined");
        assertThat(letter.header("ledger.detail")).contains("c-1");
        assertThat(letter.header("ledger.original.timestamp"))
                .isEqualTo(Long.toString(LedgerDriver.START.plusMillis(1).toEpochMilli()));
        assertThat(letter.header("__streams.errors.topic")).isEqualTo("test.chats");
        assertThat(letter.header("__streams.errors.partition")).isEqualTo("0");
        assertThat(letter.header("__streams.errors.offset")).isEqualTo("1");
        assertThat(letter.timestamp())
                .isEqualTo(LedgerDriver.START.plusMillis(1).toEpochMilli());
    }

    /** What has waited or travelled in between must come out as if it had been rejected at the door. */
    @Test
    void shouldKeepARecordThatHasWaitedAsItCame() {
        // Given
        ledger.chat("c-1").parent("c-2").create();
        Fact message =
                Fact.message("m-1", "c-1").keyedBy("a key").cost(5).fact().withHeader("trace", "t-1");
        ledger.accept(message);

        // When
        ledger.chat("c-2").parent("c-1").create();

        // Then
        DeadLetter letter = ledger.deadLetters().stream()
                .filter(candidate -> candidate.carries(message))
                .findFirst()
                .orElseThrow();
        assertThat(letter.header("trace")).isEqualTo("t-1");
        assertThat(letter.header("__streams.errors.topic")).isEqualTo("test.priced-messages");
        assertThat(letter.header("__streams.errors.partition")).isEqualTo("0");
        assertThat(letter.header("__streams.errors.offset")).isEqualTo("0");
        assertThat(letter.header("ledger.original.timestamp"))
                .isEqualTo(Long.toString(LedgerDriver.START.plusMillis(1).toEpochMilli()));
        assertThat(letter.timestamp())
                .as("when it became a dead letter")
                .isEqualTo(LedgerDriver.START.plusMillis(2).toEpochMilli());
    }

    @Test
    void shouldReplaceTheHeadersOfADeadLetterThatIsSentAgain() {
        // Given
        Fact sentAgain = Fact.chat("c-1")
                .parent("c-1")
                .fact()
                .withHeader("ledger.reason", "no_root")
                .withHeader("ledger.detail", "of last time")
                .withHeader("ledger.original.timestamp", "1")
                .withHeader("__streams.errors.topic", "elsewhere")
                .withHeader("__streams.errors.partition", "9")
                .withHeader("__streams.errors.offset", "99")
                .withHeader("trace", "t-1");

        // When
        ledger.accept(sentAgain);

        // Then
        DeadLetter letter = ledger.deadLetter();
        assertThat(letter.header("ledger.reason")).isEqualTo("self_parent");
        assertThat(letter.header("ledger.detail")).isNotEqualTo("of last time");
        assertThat(letter.header("ledger.original.timestamp")).isNotEqualTo("1");
        assertThat(letter.header("__streams.errors.topic")).isEqualTo("test.chats");
        assertThat(letter.header("__streams.errors.partition")).isEqualTo("0");
        assertThat(letter.header("__streams.errors.offset")).isEqualTo("0");
        assertThat(letter.header("trace")).isEqualTo("t-1");
    }

    @Test
    void shouldKeepHeadersWithoutAValueAndRecordsWithoutKeyOrValue() {
        // Given
        Fact nothing = Fact.raw(Topic.CHATS, null, null).withHeader("empty", null);

        // When
        ledger.accept(nothing);

        // Then
        assertThat(ledger.deadLetter().key()).isNull();
        assertThat(ledger.deadLetter().value()).isNull();
        assertThat(ledger.deadLetter().headers().lastHeader("empty").value()).isNull();
        assertThat(ledger.deadLetter().reason()).isEqualTo(RejectReason.NULL_KEY);
    }

    // ---- rubbish ----

    @ParameterizedTest
    @Tag("P11")
    @EnumSource(names = {"CHATS", "PRICED_MESSAGES", "CHAT_LIMITS", "LEDGER_ROUTING"})
    void shouldRejectRubbishInEveryTopic(Topic topic) {
        // When
        ledger.rubbish(topic, "c-1", new byte[0]);
        ledger.rubbish(topic, "c-1", new byte[] {0});
        ledger.rubbish(topic, "c-1", NO_EVENT);
        ledger.rubbish(topic, "c-1", Fact.encoded(new AccountGroups(List.of(), Fact.LONG_AGO)));

        // Then
        assertThat(ledger.deadLetterReasons()).hasSize(4).containsOnly(RejectReason.UNREADABLE);
        assertThat(ledger.state().lineages()).isEmpty();
    }

    @Test
    void shouldRejectAnEventOfAnotherTopic() {
        // Given
        Fact message = Fact.message("m-1", "c-1").fact();

        // When
        ledger.rubbish(Topic.CHATS, "c-1", message.value());

        // Then
        assertThat(ledger.deadLetter().reason()).isEqualTo(RejectReason.UNREADABLE);
        assertThat(ledger.deadLetter().header(DeadLetters.DETAIL))
                .contains("MessagePriced")
                .contains("ChatCreated");
    }

    @Test
    @Tag("P11")
    void shouldRejectEveryEventCutOffAnywhere() {
        byte[] whole = Fact.message("m-1", "c-1").cost(5).fact().value();

        IntStream.range(5, whole.length)
                .forEach(length -> ledger.rubbish(Topic.PRICED_MESSAGES, "c-1", Arrays.copyOf(whole, length)));

        assertThat(ledger.deadLetterReasons()).hasSize(whole.length - 5).containsOnly(RejectReason.UNREADABLE);
    }

    // ---- large records ----

    /** A copy of it could not be written either; the dead letter says where it is. */
    @Test
    void shouldNotCopyARecordThatIsTooLarge() {
        // Given
        ledger.chat("c-1").create();
        Fact large = Fact.raw(Topic.CHATS, Fact.utf8("c-1"), new byte[Ranges.MAX_RECORD_BYTES - 2])
                .withHeader("trace", "t-1");

        // When
        ledger.accept(large);

        // Then
        DeadLetter letter = ledger.deadLetter();
        assertThat(letter.reason()).isEqualTo(RejectReason.TOO_LARGE);
        assertThat(letter.key()).isNull();
        assertThat(letter.value()).isNull();
        assertThat(letter.header("trace")).isNull();
        assertThat(letter.header("__streams.errors.topic")).isEqualTo("test.chats");
        assertThat(letter.header("__streams.errors.offset")).isEqualTo("1");
        assertThat(letter.header("ledger.detail")).contains("1048588");
    }

    @Test
    void shouldCopyARecordAsLargeAsOneMayBe() {
        // Given
        Fact large = Fact.raw(Topic.CHATS, Fact.utf8("c-1"), new byte[Ranges.MAX_RECORD_BYTES - 3]);

        // When
        ledger.accept(large);

        // Then
        assertThat(ledger.deadLetter().reason()).isEqualTo(RejectReason.UNKNOWN_SCHEMA);
        assertThat(ledger.deadLetter().carries(large)).isTrue();
    }

    @Test
    void shouldNotQuoteAllOfWhatItRejects() {
        // When
        ledger.accept(Fact.chat("c-1").fact().withKey(Fact.utf8("x".repeat(100_000))));

        // Then
        assertThat(ledger.deadLetter().reason()).isEqualTo(RejectReason.KEY_MISMATCH);
        assertThat(ledger.deadLetter().header(DeadLetters.DETAIL)).hasSizeLessThanOrEqualTo(1_000);
    }

    // ---- keys ----

    @Test
    void shouldRejectAChatOrALimitUnderAnotherKeyThanItsOwn() {
        // When
        ledger.accept(Fact.chat("c-1").fact().withKey(Fact.utf8("C-1")));
        ledger.accept(Fact.chat("c-1").fact().withKey(new byte[0]));
        ledger.accept(Fact.limit("c-1", 5L).withKey(Fact.utf8("c-1 ")));

        // Then
        assertThat(ledger.deadLetterReasons()).hasSize(3).containsOnly(RejectReason.KEY_MISMATCH);
        assertThat(ledger.state().lineages()).isEmpty();
    }

    /** Bytes that are no UTF-8 all read as U+FFFD, the replacement character: different ids would become one. */
    @Test
    void shouldRejectAnIdThatStandsForBytesThatAreNoUtf8() {
        // When
        ledger.accept(Fact.chat("\ufffd").fact().withKey(new byte[] {(byte) 0xff}));

        // Then
        assertThat(ledger.deadLetter().reason()).isEqualTo(RejectReason.OUT_OF_RANGE);
    }

    // ---- redefined ----

    @Test
    @Tag("P15")
    void shouldIgnoreAnEqualRepeatWithAnotherTimeOrHint() {
        // Given
        ledger.chat("c-1").limit(5).create();
        ledger.chat("c-2").parent("c-1").create();

        // When
        ledger.chat("c-1").limit(5).createdAt(LedgerDriver.START).create();
        ledger.chat("c-2").parent("c-1").rootHint("elsewhere").create();

        // Then
        assertThat(ledger.deadLetters()).isEmpty();
        assertThat(ledger.tree("c-1").chats()).isEqualTo(2);
        assertThat(ledger.lineage("c-1").created().createdAt()).isEqualTo(Fact.LONG_AGO);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("redefinitions")
    void shouldLetTheFirstCreationStandWhole(String what, Fact first, Fact second) {
        // Given
        ledger.accept(first);
        ledger.message("m-1", "c-2").cost(5).send();
        LedgerState before = ledger.state();

        // When
        ledger.accept(second);

        // Then
        assertThat(ledger.deadLetter().reason()).isEqualTo(RejectReason.CHAT_REDEFINED);
        assertThat(ledger.deadLetter().carries(second)).isTrue();
        assertThat(ledger.state()).isEqualTo(before);
    }

    static Stream<Arguments> redefinitions() {
        Fact root = Fact.chat("c-2").limit(5).fact();
        Fact child = Fact.chat("c-2").parent("c-1").fact();
        return Stream.of(
                Arguments.of(
                        "another account",
                        root,
                        Fact.chat("c-2").account("a-2").limit(5).fact()),
                Arguments.of("another limit", root, Fact.chat("c-2").limit(6).fact()),
                Arguments.of("no limit", root, Fact.chat("c-2").fact()),
                Arguments.of("a parent", root, child),
                Arguments.of("no parent", child, Fact.chat("c-2").fact()),
                Arguments.of(
                        "another parent", child, Fact.chat("c-2").parent("c-0").fact()));
    }

    // ---- several partitions ----

    @Test
    void shouldRejectAChatOrALimitInAnotherPartitionThanItsKeys() {
        try (LedgerDriver partitionZero = new LedgerDriver(4, null)) {
            // Given
            String elsewhere = idIn(3);
            Fact chat = Fact.chat(elsewhere).fact();
            Fact limit = Fact.limit(elsewhere, 5L);

            // When
            partitionZero.accept(chat);
            partitionZero.accept(limit);

            // Then
            assertThat(partitionZero.deadLetterReasons())
                    .containsExactly(RejectReason.WRONG_PARTITION, RejectReason.WRONG_PARTITION);
            assertThat(partitionZero.deadLetters().get(0).carries(chat)).isTrue();
            assertThat(partitionZero.deadLetters().get(0).header(DeadLetters.DETAIL))
                    .contains("partition 0")
                    .contains("partition 3 of 4")
                    .contains("murmur2 as the Java client has it")
                    .contains("Partitioners.DefaultPartitioner of kafkajs 2")
                    .contains("partitioner=murmur2_random of librdkafka");
            assertThat(partitionZero.observer().misplacedRecords).isEqualTo(2);
        }
    }

    @Test
    @Tag("P15")
    void shouldCountAMessageInAnotherPartitionThanItsKeys() {
        try (LedgerDriver partitionZero = new LedgerDriver(4, null)) {
            // Given
            String here = idIn(0);
            partitionZero.chat(here).create();

            // When
            partitionZero.message("m-1", here).keyedBy(idIn(3)).cost(5).send();

            // Then
            assertThat(partitionZero.spent(here)).isEqualTo(5);
            assertThat(partitionZero.deadLetters()).isEmpty();
            assertThat(partitionZero.observer().misplacedRecords).isEqualTo(1);
        }
    }

    @Test
    void shouldNotCallARecordMisplacedThatIsNot() {
        // When
        ledger.chat("c-1").create();
        ledger.message("m-1", "c-1").cost(5).send();

        // Then
        assertThat(ledger.observer().misplacedRecords).isZero();
    }

    // ---- time ----

    @ParameterizedTest
    @Tag("P15")
    @ValueSource(longs = {0, 1})
    void shouldMeasurePricedAtByTheTimeOfTheAppend(long beyond) {
        // Given
        ledger.chat("c-1").create();

        // When
        ledger.message("m-1", "c-1")
                .cost(5)
                .pricedAt(LedgerDriver.START
                        .plusMillis(1)
                        .plus(Duration.ofHours(24))
                        .plusMillis(beyond))
                .send();

        // Then
        assertThat(ledger.spent("c-1")).isEqualTo(beyond == 0 ? 5 : 0);
        assertThat(ledger.deadLetters()).hasSize((int) beyond);
    }

    /** An id that belongs to this of four partitions. */
    private static String idIn(int partition) {
        return IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> "c-" + i)
                .filter(id -> Partitions.of(id, 4) == partition)
                .findFirst()
                .orElseThrow();
    }

    // ---- accepted, and counted as odd ----

    @Test
    @Tag("P15")
    void shouldAcceptAndCountATimeThatDecidesNothingAndLooksWrong() {
        // When
        ledger.chat("c-1")
                .createdAt(LedgerDriver.START.plus(Duration.ofHours(25)))
                .create();
        ledger.chat("c-2")
                .createdAt(LedgerDriver.START.minus(Duration.ofHours(23)))
                .create();
        ledger.limit("c-1", 5); // Set long ago by its producer's clock.

        // Then
        assertThat(ledger.deadLetters()).isEmpty();
        assertThat(ledger.tree("c-1").limit().micros()).isEqualTo(5);
        assertThat(ledger.observer().oddTimes).containsExactly("created_at", "set_at");
    }

    /** A limit that waited for its chat comes through the door twice. */
    @Test
    void shouldCountAnOddTimeOnce() {
        // When
        ledger.limit("c-1", 5);
        ledger.chat("c-1").createdAt(LedgerDriver.START).create();

        // Then
        assertThat(ledger.tree("c-1").limit().micros()).isEqualTo(5);
        assertThat(ledger.observer().oddTimes).containsExactly("set_at");
    }

    // ---- facts of which the last of each key counts ----

    /** Every instance reads them for itself, and one of them buries what is wrong. */
    @Test
    void shouldBuryWhatIsWrongAmongTheFactsThatInstancesReadAndNothingElse() {
        // Given
        byte[] limit = Fact.encoded(new AccountLimitSet(5L, null, null, Fact.LONG_AGO));
        byte[] freeze = Fact.encoded(new ChatFreezeSet("c-1", null, null, Fact.LONG_AGO));
        byte[] groups = Fact.encoded(new AccountGroups(List.of("g-1"), Fact.LONG_AGO));

        // When
        ledger.rubbish(Topic.ACCOUNT_LIMITS, "default", limit);
        ledger.rubbish(Topic.ACCOUNT_LIMITS, "a-1", limit);
        ledger.rubbish(Topic.ACCOUNT_LIMITS, "account:a-1", groups);
        ledger.rubbish(Topic.ACCOUNT_LIMITS, "account:a-1", null);
        ledger.rubbish(Topic.ACCOUNT_GROUPS, "a-1", groups);
        ledger.rubbish(Topic.ACCOUNT_GROUPS, "a-1", NO_EVENT);
        ledger.rubbish(Topic.ACCOUNT_GROUPS, "a-1", new byte[] {0, 0, 0, 0, LedgerDriver.LOST_SCHEMA_ID, 1});
        ledger.rubbish(Topic.CHAT_FREEZES, "c-1", freeze);
        ledger.rubbish(Topic.CHAT_FREEZES, "c-1", null);
        ledger.rubbish(Topic.CHAT_FREEZES, "c-2", freeze);

        // Then
        assertThat(ledger.deadLetterReasons())
                .containsExactly(
                        RejectReason.KEY_MISMATCH,
                        RejectReason.UNREADABLE,
                        RejectReason.UNREADABLE,
                        RejectReason.REGISTRY_UNAVAILABLE,
                        RejectReason.KEY_MISMATCH);
        assertThat(ledger.deadLetters().get(2).value()).isEqualTo(NO_EVENT);
    }
}
