package dev.spendledger.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.spendledger.schemas.Topic;
import dev.spendledger.state.Member;
import dev.spendledger.streams.domain.AccountLimit;
import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.domain.Thresholds;
import dev.spendledger.streams.intake.RecordId;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.utils.Bytes;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A bug in the ledger costs the record that meets it, and not the ledger. */
class InternalErrorHandlerTest {

    @Test
    @Tag("P04")
    void shouldMakeADeadLetterOfTheRecordThatMeetsABug() {
        try (LedgerDriver ledger = new LedgerDriver(1, parkingFailsWith(new IllegalStateException("a bug")))) {
            // Given
            Fact message = Fact.message("m-1", "c-1").cost(5).fact().withHeader("trace", "t-1");

            // When
            ledger.accept(message);

            // Then
            DeadLetter letter = ledger.deadLetter();
            assertThat(letter.carries(message)).isTrue();
            assertThat(letter.reason()).isEqualTo(RejectReason.INTERNAL_ERROR);
            assertThat(letter.header("ledger.detail"))
                    .contains("IllegalStateException")
                    .contains("a bug");
            assertThat(letter.header("__streams.errors.topic")).isEqualTo("test.priced-messages");
            assertThat(letter.header("__streams.errors.partition")).isEqualTo("0");
            assertThat(letter.header("__streams.errors.offset")).isEqualTo("0");
            assertThat(letter.header("ledger.original.timestamp"))
                    .isEqualTo(Long.toString(LedgerDriver.START.toEpochMilli()));
            assertThat(letter.header("trace")).as("its own header").isEqualTo("t-1");
            assertThat(ledger.observer().deadLetters).containsExactly(RejectReason.INTERNAL_ERROR);
        }
    }

    @Test
    @Tag("P11")
    void shouldGoOnWhereWhatIsDoneFromTimeToTimeFails() {
        Warnings.AccountLimits failing = new Warnings.AccountLimits() {
            @Override
            public Optional<AccountLimit> of(String accountId) {
                return Optional.empty();
            }

            @Override
            public Warnings.Changes changesSince(long version) {
                throw new IllegalStateException("a bug");
            }
        };
        try (LedgerDriver ledger = new LedgerDriver(new Warnings(Thresholds.NONE, failing, Clock.systemUTC()))) {
            // When
            ledger.passTime(Duration.ofSeconds(1));
            ledger.chat("c-1").create();
            ledger.message("m-1", "c-1").cost(5).send();

            // Then
            assertThat(ledger.spent("c-1")).isEqualTo(5);
            assertThat(ledger.deadLetters()).isEmpty();
        }
    }

    /** In the last processor of the graph, where the record has long been turned into something else. */
    @Test
    @Tag("P03")
    void shouldLeaveNothingHalfWrittenWhenTheBugIsInTheFold() {
        try (LedgerDriver ledger = new LedgerDriver()) {
            // Given
            byte[] value = LedgerTopology.ROUTING_SERDE.serializer().serialize("any", new Member("c-2", "c-1", "a-1"));
            Fact memberOfNoTree =
                    Fact.raw(Topic.LEDGER_ROUTING, Fact.utf8("c-1"), value).withHeader("trace", "t-1");

            // When
            ledger.accept(memberOfNoTree);

            // Then
            assertThat(ledger.deadLetter().carries(memberOfNoTree)).isTrue();
            assertThat(ledger.deadLetter().reason()).isEqualTo(RejectReason.INTERNAL_ERROR);
            assertThat(ledger.state().chats()).isEmpty();
        }
    }

    /** Not of the envelope that the ledger sent to itself: nobody could send that again. */
    @Test
    @Tag("P04")
    void shouldMakeADeadLetterOfTheEventThatWasOnItsWay() {
        try (LedgerDriver ledger = new LedgerDriver()) {
            // Given
            Fact message = Fact.message("m-1", "c-2").cost(5).fact().withHeader("trace", "t-1");
            ledger.chat("c-2").parent("c-1").create();
            ledger.accept(message);
            ledger.breakRow(LedgerTopology.MESSAGE_REVISIONS, StoreKeys.of("c-1", "m-1"));

            // When
            ledger.chat("c-1").create();

            // Then
            assertThat(ledger.deadLetter().carries(message)).isTrue();
            assertThat(ledger.deadLetter().source()).isEqualTo(new RecordId("test.priced-messages", 0, 0));
            assertThat(ledger.deadLetter().header("trace")).isEqualTo("t-1");
        }
    }

    /** A thread that started afresh would meet the row again, for ever. */
    @Test
    void shouldBuryOnlyTheRecordsThatNeedARowThatIsBroken() {
        try (LedgerDriver ledger = new LedgerDriver()) {
            // Given
            ledger.chat("c-1").create();
            ledger.chat("c-2").create();
            ledger.breakRow(LedgerTopology.SPEND_BY_ROOT, Bytes.wrap(Fact.utf8("c-1")));

            // When
            ledger.message("m-1", "c-1").cost(5).send();
            ledger.message("m-2", "c-2").cost(7).send();

            // Then
            assertThat(ledger.deadLetter().reason()).isEqualTo(RejectReason.INTERNAL_ERROR);
            assertThat(ledger.messageOf("c-1", "m-1"))
                    .as("nothing half written")
                    .isNull();
            assertThat(ledger.spent("c-2")).isEqualTo(7);
        }
    }

    /** The tree's row could not be read when its child was to join it: nobody but the chat's creator can have it join. */
    @Test
    @Tag("P04")
    void shouldLetAChatJoinItsTreeWhenItIsSentAgain() {
        try (LedgerDriver ledger = new LedgerDriver()) {
            // Given
            Bytes tree = Bytes.wrap(Fact.utf8("c-1"));
            Fact message = Fact.message("m-1", "c-2").cost(5).fact();
            ledger.chat("c-1").create();
            byte[] whole = ledger.breakRow(LedgerTopology.SPEND_BY_ROOT, tree);
            ledger.chat("c-2").parent("c-1").create();
            ledger.accept(message);
            ledger.putRow(LedgerTopology.SPEND_BY_ROOT, tree, whole);

            // When
            ledger.chat("c-2").parent("c-1").create();
            ledger.accept(message);

            // Then
            assertThat(ledger.deadLetterReasons())
                    .containsExactly(RejectReason.INTERNAL_ERROR, RejectReason.INTERNAL_ERROR);
            assertThat(ledger.tree("c-1").chats()).isEqualTo(2);
            assertThat(ledger.spent("c-1")).isEqualTo(5);
            ledger.assertBooksBalance();
        }
    }

    /** The row of the chat above could not be read when it was asked for its root. */
    @Test
    @Tag("P04")
    void shouldAskForItsRootWhenAChatIsSentAgain() {
        try (LedgerDriver ledger = new LedgerDriver()) {
            // Given
            Bytes parent = Bytes.wrap(Fact.utf8("c-1"));
            ledger.chat("c-1").create();
            byte[] whole = ledger.breakRow(LedgerTopology.ROOT_BY_CHAT, parent);
            ledger.chat("c-2").parent("c-1").create();
            ledger.message("m-1", "c-2").cost(5).send();
            ledger.putRow(LedgerTopology.ROOT_BY_CHAT, parent, whole);

            // When
            ledger.chat("c-2").parent("c-1").create();

            // Then
            assertThat(ledger.deadLetter().reason()).isEqualTo(RejectReason.INTERNAL_ERROR);
            assertThat(ledger.spent("c-1", "c-2")).isEqualTo(5);
            ledger.assertBooksBalance();
        }
    }

    @Test
    @Tag("P04")
    void shouldOpenATreeThatIsMissingWhenItsRootIsSentAgain() {
        try (LedgerDriver ledger = new LedgerDriver()) {
            // Given
            Fact message = Fact.message("m-1", "c-1").cost(5).fact();
            ledger.chat("c-1").limit(9).create();
            ledger.putRow(LedgerTopology.SPEND_BY_ROOT, Bytes.wrap(Fact.utf8("c-1")), null);
            ledger.putRow(LedgerTopology.SPEND_BY_CHAT, StoreKeys.of("c-1", "c-1"), null);
            ledger.accept(message);

            // When
            ledger.chat("c-1").limit(9).create();
            ledger.accept(message);

            // Then
            assertThat(ledger.deadLetter().reason()).isEqualTo(RejectReason.INTERNAL_ERROR);
            assertThat(ledger.deadLetter().header("ledger.detail")).contains("c-1", "its tree is missing");
            assertThat(ledger.spent("c-1")).isEqualTo(5);
            assertThat(ledger.tree("c-1").limit().micros()).isEqualTo(9);
            ledger.assertBooksBalance();
        }
    }

    @Test
    void shouldLeaveATreeAsItIsWhenItsChatsAreSentAgain() {
        try (LedgerDriver ledger = new LedgerDriver()) {
            // Given
            ledger.chat("c-1").limit(9).create();
            ledger.chat("c-2").parent("c-1").create();
            ledger.message("m-1", "c-2").cost(5).send();
            ledger.limit("c-1", 20);
            LedgerState before = ledger.state();

            // When
            ledger.chat("c-1").limit(9).create();
            ledger.chat("c-2").parent("c-1").create();

            // Then
            assertThat(ledger.state()).isEqualTo(before);
        }
    }

    @Test
    @Tag("P11")
    void shouldLetGoWhatWaitsBesideARowThatIsBroken() {
        try (LedgerDriver ledger = new LedgerDriver()) {
            // Given
            ledger.message("m-1", "c-1").cost(5).send();
            ledger.message("m-2", "c-1").cost(7).send();
            ledger.breakRow(
                    LedgerTopology.PARKED_EVENTS,
                    Parked.Kind.MESSAGE.key("c-1", new RecordId("test.priced-messages", 0, 0)));

            // When
            ledger.chat("c-1").create();

            // Then
            assertThat(ledger.deadLetters()).isEmpty();
            assertThat(ledger.spent("c-1")).isEqualTo(7);
            assertThat(ledger.observer().parkedMessages())
                    .as("seen to be there")
                    .isEqualTo(1);
        }
    }

    @Test
    @Tag("P11")
    void shouldStartWithParkedRowsThatAreBroken() {
        // Given
        PartitionedLedger ledger = new PartitionedLedger(1, new Random(1));
        ledger.accept(Fact.message("m-1", "c-1").cost(5).fact());
        ledger.accept(Fact.message("m-2", "c-1").cost(7).fact());
        RecordId first = new RecordId("priced-messages", 0, 0);
        ledger.breakRow(0, LedgerTopology.PARKED_EVENTS, Parked.Kind.MESSAGE.key("c-1", first));
        Stream.of(new byte[0], new byte[] {0}, new byte[] {0, 9, 1}, new byte[] {0, 1, 'c'})
                .forEach(key -> ledger.breakRow(0, LedgerTopology.PARKED_EVENTS, Bytes.wrap(key)));

        // When
        ledger.restart(0);

        // Then
        assertThat(ledger.observer().parkedMessages()).isEqualTo(2);
    }

    @Test
    @Tag("P11")
    void shouldGoOnAfterABug() {
        try (LedgerDriver ledger = new LedgerDriver(1, parkingFailsWith(new IllegalStateException("a bug")))) {
            // Given
            ledger.message("m-1", "c-1").cost(5).send();

            // When
            ledger.chat("c-2").create();
            ledger.message("m-2", "c-2").cost(7).send();

            // Then
            assertThat(ledger.spent("c-2")).isEqualTo(7);
        }
    }

    /** A broken disk or a lost broker is no fault of the record: to call it a dead letter would lose it. */
    @Test
    void shouldGiveUpOnKafkasOwnExceptionsAndNotBuryTheRecord() {
        try (LedgerDriver ledger = new LedgerDriver(1, parkingFailsWith(new KafkaException("broken disk")))) {
            // When
            Throwable thrown =
                    catchThrowable(() -> ledger.message("m-1", "c-1").cost(5).send());

            // Then
            assertThat(thrown).hasRootCauseMessage("broken disk");
            assertThat(ledger.observer().deadLetters).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("incompleteConfigurations")
    void shouldNameTheSettingThatIsMissing(Map<String, Object> configuration, String missing) {
        // When
        Throwable thrown = catchThrowable(() -> new InternalErrorHandler().configure(configuration));

        // Then
        assertThat(thrown).isInstanceOf(ConfigException.class).hasMessageContaining(missing);
    }

    static Stream<Arguments> incompleteConfigurations() {
        return Stream.of(
                Arguments.of(Map.of(), "ledger.dead.letters.topic"),
                Arguments.of(Map.of(InternalErrorHandler.OBSERVER, LedgerObserver.NONE), "ledger.dead.letters.topic"),
                Arguments.of(Map.of(InternalErrorHandler.DEAD_LETTERS_TOPIC, "dead"), "ledger.observer"));
    }

    /** Stands for a bug in a processor: it is called in the middle of one. */
    private static LedgerObserver parkingFailsWith(RuntimeException exception) {
        return new LedgerObserver() {
            @Override
            public void onParkedMessages(int partition, long parkedMessages) {
                if (parkedMessages > 0) {
                    throw exception;
                }
            }
        };
    }
}
