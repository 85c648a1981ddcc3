package dev.spendledger.api.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.audit.WhatIf.Stop;
import dev.spendledger.api.testing.Events;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import dev.spendledger.streams.domain.Root;
import dev.spendledger.streams.intake.FactReader;
import dev.spendledger.streams.intake.Source;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

/** A limit of 30 on every tree; the records are appended a second after one another. */
class WhatIfTest {
    private static final Instant START = Instant.parse("2026-11-23T12:00:00Z");
    private static final TopicNames NAMES = new TopicNames("");

    private final WhatIf whatIf = new WhatIf(30, new FactReader(NAMES, 1, new EventSerde(new BundledRegistry())));
    private int records;

    @Test
    void shouldSaveWhatIsSentAfterTheStop() {
        // Given
        chat("c-1", null);
        message("m-1", "c-1", 0, 20);

        // When
        message("m-2", "c-1", 0, 15);
        message("m-3", "c-1", 0, 7);
        message("m-3", "c-1", 1, 9);

        // Then
        assertThat(stop().messageId()).isEqualTo("m-2");
        assertThat(stop().at()).isEqualTo(START.plusSeconds(2));
        assertThat(stop().record().toString()).isEqualTo("priced-messages-0@2");
        assertThat(stop().spentMicros()).isEqualTo(35);
        assertThat(stop().spentInTheEndMicros()).isEqualTo(44);
        assertThat(stop().savedMicros()).isEqualTo(9);
        assertThat(stop().lifted()).isZero();
    }

    /** Nobody could know of the stop before the root was created; what was sent until then has been billed. */
    @Test
    void shouldNotSaveWhatWasSentBeforeItsChatWasCreated() {
        // Given
        message("m-1", "c-1", 0, 20);
        message("m-2", "c-1", 0, 20);
        message("m-3", "c-1", 0, 20);

        // When
        chat("c-1", null);
        message("m-4", "c-1", 0, 5);

        // Then
        assertThat(stop().messageId()).isEqualTo("m-2");
        assertThat(stop().at()).isEqualTo(START.plusSeconds(3));
        assertThat(stop().spentInTheEndMicros()).isEqualTo(65);
        assertThat(stop().savedMicros()).isEqualTo(5);
    }

    /** A child whose messages stand in the log before and after the stop of a tree that it is only later known to be of. */
    @Test
    void shouldSaveWhatWaitsIfItWasSentAfterTheStop() {
        // Given
        chat("c-1", null);
        message("before", "c-2", 0, 3);
        message("m-1", "c-1", 0, 30);
        message("after", "c-2", 0, 4);

        // When
        chat("c-2", "c-1");

        // Then
        assertThat(stop().spentInTheEndMicros()).isEqualTo(37);
        assertThat(stop().savedMicros()).isEqualTo(4);
    }

    @Test
    void shouldNameTheMessageThatIsFirstInTheLog() {
        // Given
        message("m-1", "c-1", 0, 20);
        chat("c-2", "c-1");
        message("m-2", "c-2", 0, 9);
        chat("c-3", "c-1");
        message("m-3", "c-3", 0, 1);
        message("m-4", "c-2", 0, 50);

        // When
        chat("c-1", null);

        // Then
        assertThat(stop().messageId()).isEqualTo("m-3");
        assertThat(stop().chatId()).isEqualTo("c-3");
        assertThat(stop().spentMicros()).isEqualTo(30);
    }

    @Test
    void shouldLetATreeGoOnThatARevisionBringsBelowTheLimit() {
        // Given
        chat("c-1", null);
        message("m-1", "c-1", 0, 30);
        message("m-2", "c-1", 0, 5);

        // When
        message("m-1", "c-1", 1, 0);
        message("m-3", "c-1", 0, 29);
        message("m-4", "c-1", 0, 1);
        message("m-5", "c-1", 0, 6);

        // Then
        assertThat(stop().messageId()).isEqualTo("m-1");
        assertThat(stop().lifted()).isEqualTo(1);
        assertThat(stop().spentInTheEndMicros()).isEqualTo(41);
        assertThat(stop().savedMicros()).as("m-2 and m-5").isEqualTo(11);
    }

    /** What would not have been sent cannot bring the tree back to the limit. */
    @Test
    void shouldNotStopForWhatWouldNotHaveBeenSent() {
        // Given
        chat("c-1", null);
        message("m-1", "c-1", 0, 30);
        message("m-2", "c-1", 0, 25);
        message("m-1", "c-1", 1, 10);

        // When
        message("m-2", "c-1", 1, 28);
        message("m-3", "c-1", 0, 19);

        // Then
        assertThat(stop().lifted()).isEqualTo(1);
        assertThat(stop().spentInTheEndMicros()).isEqualTo(57);
        assertThat(stop().savedMicros()).isEqualTo(28);
    }

    @Test
    void shouldCountOnlyTreesThatHaveSpentAnything() {
        // Given
        chat("unpriced", null);
        chat("free", null);
        chat("voided", null);
        chat("none", null);

        // When
        tell(Topic.PRICED_MESSAGES, "unpriced", priced("m-1", "unpriced", 0, null));
        message("m-1", "free", 0, 0);
        message("m-1", "voided", 0, 5);
        message("m-1", "voided", 1, 0);

        // Then
        assertThat(whatIf.trees()).isEqualTo(1);
        assertThat(whatIf.stops()).isEmpty();
    }

    @Test
    void shouldKnowTheRootOfAChat() {
        // When
        chat("c-1", null);
        chat("c-2", "c-1");

        // Then
        assertThat(whatIf.lineage("c-2").root()).isEqualTo(new Root.Rooted("c-1", 1));
        assertThat(whatIf.lineage("c-3").isCreated()).isFalse();
    }

    private Stop stop() {
        assertThat(whatIf.stops()).hasSize(1);
        return whatIf.stops().get(0);
    }

    private void chat(String id, String parentId) {
        tell(Topic.CHATS, id, Events.chat(id, parentId, null));
    }

    private void message(String id, String chatId, int revision, long costMicros) {
        tell(Topic.PRICED_MESSAGES, chatId, priced(id, chatId, revision, costMicros));
    }

    private static MessagePriced priced(String id, String chatId, int revision, Long costMicros) {
        return new MessagePriced(id, chatId, null, "a-1", revision, costMicros, null, null, null, START);
    }

    private void tell(Topic topic, String key, SpecificRecord event) {
        whatIf.fold(new Source(
                NAMES.of(topic),
                0,
                records,
                START.plusSeconds(records),
                key.getBytes(StandardCharsets.UTF_8),
                Events.bytes(topic, event),
                new RecordHeaders()));
        records++;
    }
}
