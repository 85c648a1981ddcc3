package dev.spendledger.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.EventSerde;
import dev.spendledger.schemas.Topic;
import dev.spendledger.schemas.TopicNames;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyDescription;
import org.apache.kafka.streams.TopologyDescription.Subtopology;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The shape of the graph, and the names in it that must not change: they name topics and stored state. */
class LedgerTopologyTest {
    private static final Topology TOPOLOGY = LedgerTopology.build(
            new TopicNames("test."), 4, new EventSerde(new BundledRegistry()), Warnings.NONE, LedgerObserver.NONE);

    /**
     * One for the trees and the accounts, so that a partition owns the lineage of its chats and the totals of its roots side by
     * side, and no thread has the accounts alone. Another keeps nothing: it buries what is wrong in the topics that every
     * instance reads for itself.
     */
    @Test
    void shouldHaveOneSubTopologyForTreesAndAccountsAndOneForTheLimitsOfAccounts() {
        assertThat(TOPOLOGY.describe().globalStores()).isEmpty();
        assertThat(TOPOLOGY.describe().subtopologies()).hasSize(2);
        assertThat(topics(0, TopologyDescription.Source.class))
                .containsExactlyInAnyOrder(
                        "test.chats",
                        "test.priced-messages",
                        "test.chat-limits",
                        "test.ledger-routing",
                        "test.account-deltas");
        assertThat(topics(0, TopologyDescription.Sink.class))
                .containsExactlyInAnyOrder(
                        "test.ledger-routing",
                        "test.tree-status",
                        "test.spend-alerts",
                        "test.ledger-dead-letters",
                        "test.account-deltas");
        assertThat(topics(1, TopologyDescription.Source.class))
                .containsExactlyInAnyOrder("test.account-limits", "test.account-groups", "test.chat-freezes");
        assertThat(topics(1, TopologyDescription.Sink.class)).containsExactly("test.ledger-dead-letters");
        assertThat(LedgerTopology.LATEST_FACT_SOURCES).allMatch(Topic::coPartitioned);
        assertThat(LedgerTopology.SOURCES).allMatch(Topic::coPartitioned);
    }

    private static List<String> topics(int subtopology, Class<? extends TopologyDescription.Node> kind) {
        return TOPOLOGY.describe().subtopologies().stream()
                .filter(found -> found.id() == subtopology)
                .flatMap(found -> found.nodes().stream())
                .filter(kind::isInstance)
                .flatMap(node -> node instanceof TopologyDescription.Source source
                        ? source.topicSet().stream()
                        : Stream.of(((TopologyDescription.Sink) node).topic()))
                .toList();
    }

    /** A failure means that a running ledger would begin with an empty store of the new name. */
    @Test
    void shouldKeepTheNamesOfItsStores() {
        assertThat(storeNames())
                .containsExactlyInAnyOrder(
                        "root-by-chat",
                        "waiting-chats",
                        "parked-events",
                        "spend-by-root",
                        "spend-by-chat",
                        "message-revisions",
                        "account-spend");
        assertThat(nodes(TopologyDescription.Processor.class)
                        .flatMap(processor -> processor.stores().stream())
                        .distinct())
                .containsExactlyInAnyOrderElementsOf(storeNames());
    }

    @Test
    @Tag("P07")
    void shouldQueryTheOwnerOfOnePartitionOfAStore() {
        assertThat(LedgerTopology.STORES).allSatisfy(store -> {
            assertThat(store.queryBytes(3).storeName()).isEqualTo(store.name());
            assertThat(store.queryBytes(3).partition()).isEqualTo(3);
            assertThat(store.queryBytes(3).staleStoresEnabled())
                    .as("strict: the active store only")
                    .isFalse();
        });
    }

    /** A producer may leave the time out, which reads as -1, or write any. */
    @ParameterizedTest
    @Tag("P11")
    @CsvSource({"-9223372036854775808, 0", "-1, 0", "0, 0", "1, 1", "9223372036854775807, 9223372036854775807"})
    void shouldTakeATimeThatIsNegativeForZero(long time, long taken) {
        // Given
        ConsumerRecord<Object, Object> record = new ConsumerRecord<>(
                "test.chats",
                0,
                0,
                time,
                TimestampType.CREATE_TIME,
                0,
                0,
                null,
                null,
                new RecordHeaders(),
                Optional.empty());

        // Then
        assertThat(LedgerTopology.RECORD_TIME.extract(record, 5)).isEqualTo(taken);
    }

    private static List<String> storeNames() {
        return LedgerTopology.STORES.stream().map(LedgerStore::name).toList();
    }

    private static <T extends TopologyDescription.Node> Stream<T> nodes(Class<T> kind) {
        return TOPOLOGY.describe().subtopologies().stream()
                .map(Subtopology::nodes)
                .flatMap(nodes -> nodes.stream())
                .filter(kind::isInstance)
                .map(kind::cast);
    }
}
