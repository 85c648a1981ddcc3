package dev.spendledger.api.metrics;

import dev.spendledger.api.decision.Decision;
import dev.spendledger.api.decision.Operation;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.events.AlertKind;
import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.domain.Thresholds;
import dev.spendledger.streams.topology.LedgerObserver;
import dev.spendledger.streams.topology.LedgerStore;
import dev.spendledger.streams.topology.LedgerTopology;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.function.IntToDoubleFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** The ledger's own metrics. No label ever carries an id: their values are closed lists. */
public final class LedgerMeters implements LedgerObserver {
    private static final String OPERATION_OF_ACCOUNTS = "check_account";
    /** Stands in place of the limit: what is frozen is rejected whatever is spent. */
    private static final String FROZEN = "frozen";

    private final MeterRegistry registry;
    private final Timer checkDuration;
    /** Kept here: the registry takes longer to find one than a check takes. */
    private final Map<Checks, Counter> checks = new ConcurrentHashMap<>();

    private final Map<RejectReason, Counter> deadLetters = new ConcurrentHashMap<>();
    private final Map<DegradedReason, Counter> degraded = new ConcurrentHashMap<>();
    private final DegradedLog degradedLog = new DegradedLog(Clock.systemUTC());
    private final Counter misplaced;
    private final AtomicInteger connections = new AtomicInteger();
    private final Map<Integer, Long> parkedByPartition = new ConcurrentHashMap<>();
    /** Of each partition when the canary was sent that came back last. */
    private final Map<Integer, Instant> canaries = new ConcurrentHashMap<>();

    /** Checks that are counted together. */
    private record Checks(String operation, String verdict, String scope) {}

    public LedgerMeters(MeterRegistry registry) {
        this.registry = registry;
        checkDuration = Timer.builder("ledger.check.duration")
                .description("How long checks take, from the request read to the reply handed over.")
                .serviceLevelObjectives(
                        Duration.ofNanos(500_000),
                        Duration.ofMillis(1),
                        Duration.ofMillis(2),
                        Duration.ofMillis(5),
                        Duration.ofMillis(10),
                        Duration.ofMillis(25),
                        Duration.ofMillis(50),
                        Duration.ofMillis(100),
                        Duration.ofMillis(250))
                .register(registry);
        misplaced = Counter.builder("ledger.misplaced.records")
                .description(
                        "Records found in another partition than their key's: a producer has the wrong partitioner.")
                .register(registry);
        Gauge.builder("ledger.parked.messages", this::parkedMessages)
                .description("Messages that wait in this instance's partitions for their chat's root to be known.")
                .register(registry);
        Gauge.builder("ledger.connections", connections, AtomicInteger::get)
                .description("Connections of clients that are open.")
                .register(registry);
        // From the start, so that a dashboard sees zero and not nothing.
        for (RejectReason reason : RejectReason.values()) {
            deadLetters(reason);
        }
        List.of("created_at", "set_at").forEach(this::oddTimes);
        List.of(true, false).forEach(this::peerCalls);
        List.of(LetGo.values()).forEach(this::letGo);
        for (DegradedReason reason : DegradedReason.values()) {
            degraded(reason);
        }
    }

    /** Shows of each partition how far it lags behind its input, and how long it has not heard from itself. */
    public void showPartitions(int partitions, IntToDoubleFunction lagSeconds) {
        show(
                partitions,
                "ledger.partition.lag",
                "How far this instance lags behind the input of a partition; NaN = not its owner.",
                lagSeconds);
        show(
                partitions,
                "ledger.canary.age",
                "How long ago the last record was sent that a partition has sent to itself through ledger-routing and got; "
                        + "NaN = not its owner.",
                this::canaryAgeSeconds);
    }

    private void show(int partitions, String name, String description, IntToDoubleFunction seconds) {
        IntStream.range(0, partitions)
                .forEach(partition -> Gauge.builder(name, () -> seconds.applyAsDouble(partition))
                        .description(description)
                        .baseUnit("seconds")
                        .tag("partition", Integer.toString(partition))
                        .register(registry));
    }

    private double canaryAgeSeconds(int partition) {
        Instant sentAt = canaries.get(partition);
        return sentAt == null ? Double.NaN : (registry.config().clock().wallTime() - sentAt.toEpochMilli()) / 1_000.0;
    }

    /** A check was answered. */
    public void onCheck(Operation operation, Decision decision, Duration took) {
        onCheck(operation.code(), decision, took);
    }

    /** A check of an account alone was answered. */
    public void onAccountCheck(Decision decision, Duration took) {
        onCheck(OPERATION_OF_ACCOUNTS, decision, took);
    }

    private void onCheck(String operation, Decision decision, Duration took) {
        String verdict = "undecided";
        String scope = "none";
        if (decision instanceof Decision.Allowed) {
            verdict = "allowed";
        } else if (decision instanceof Decision.Rejected rejected) {
            verdict = "rejected";
            scope = rejected.scope().name();
        } else if (decision instanceof Decision.Frozen) {
            verdict = "rejected";
            scope = FROZEN;
        }
        checks.computeIfAbsent(new Checks(operation, verdict, scope), this::checks)
                .increment();
        checkDuration.record(took);
        decision.degraded().ifPresent(reason -> {
            degraded(reason).increment();
            degradedLog.onDegraded(reason, decision);
        });
    }

    private Counter checks(Checks which) {
        return Counter.builder("ledger.checks")
                .tag("operation", which.operation)
                .tag("decision", which.verdict)
                .tag("scope", which.scope)
                .register(registry);
    }

    /** Another instance was asked for rows. */
    public void onPeerCall(boolean answered) {
        peerCalls(answered).increment();
    }

    private Counter peerCalls(boolean answered) {
        return Counter.builder("ledger.peer.calls")
                .description("Calls of other instances, by whether they were answered in time.")
                .tag("outcome", answered ? "answered" : "failed")
                .register(registry);
    }

    /** Why a connection of a client was closed. */
    public enum LetGo {
        /** Another was opened, and there were as many as there may be. */
        TOO_MANY,
        /** No further request came, or none that was whole. */
        IDLE,
        /** A request came, and its body did not. */
        SLOW_BODY,
        /** Its client takes nothing of an event stream, or too slowly. */
        SLOW_STREAM
    }

    /** Shows how many event streams are open. */
    public void showEventStreams(IntSupplier open) {
        Gauge.builder("ledger.event.streams", open::getAsInt)
                .description("Event streams of clients that are open.")
                .register(registry);
    }

    /** Counts alerts of these thresholds, from the start. */
    public void showAlerts(Thresholds thresholds) {
        for (AlertKind kind : EnumSet.complementOf(EnumSet.of(AlertKind.UNKNOWN))) {
            thresholds.percents().forEach(percent -> alerts(kind, percent));
        }
    }

    @Override
    public void onAlert(AlertKind kind, int thresholdPercent) {
        alerts(kind, thresholdPercent).increment();
    }

    private Counter alerts(AlertKind kind, int thresholdPercent) {
        return Counter.builder("ledger.alerts")
                .description("Thresholds of limits that were passed, and warned of on spend-alerts.")
                .tag("kind", kind.name().toLowerCase(Locale.ROOT))
                .tag("threshold", Integer.toString(thresholdPercent))
                .register(registry);
    }

    /** Shows when the certificate expires that clients are shown; empty = there is none. */
    public void showCertificate(Supplier<Optional<Instant>> expires) {
        TimeGauge.builder(
                        "ledger.tls.certificate.expiry",
                        expires,
                        TimeUnit.SECONDS,
                        told -> told.get()
                                .map(instant -> (double) instant.getEpochSecond())
                                .orElse(Double.NaN))
                .description(
                        "When the certificate that clients are shown expires, in seconds since 1970; NaN = there is none.")
                .strongReference(true)
                .register(registry);
    }

    /** A client has opened a connection. */
    public void onOpened() {
        connections.incrementAndGet();
    }

    /** A connection that was {@link #onOpened opened} is closed, whoever closed it. */
    public void onClosed() {
        connections.decrementAndGet();
    }

    /** A connection is closed because its client does not come to the point, or there are too many. */
    public void onLetGo(LetGo reason) {
        letGo(reason).increment();
    }

    private Counter letGo(LetGo reason) {
        return Counter.builder("ledger.connections.let.go")
                .description("Connections of clients that were closed, by reason; idle is everyday.")
                .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                .register(registry);
    }

    private Counter degraded(DegradedReason reason) {
        return degraded.computeIfAbsent(
                reason,
                key -> Counter.builder("ledger.degraded.checks")
                        .description("Checks that were not answered from a fresh reading.")
                        .tag("reason", key.code())
                        .register(registry));
    }

    private Counter deadLetters(RejectReason reason) {
        return deadLetters.computeIfAbsent(
                reason,
                key -> Counter.builder("ledger.dead.letters")
                        .description("Records that could not be counted.")
                        .tag("reason", key.code())
                        .register(registry));
    }

    @Override
    public void onDeadLetter(RejectReason reason) {
        deadLetters(reason).increment();
    }

    @Override
    public void onMisplacedRecord() {
        misplaced.increment();
    }

    @Override
    public void onOddTime(String field) {
        oddTimes(field).increment();
    }

    private Counter oddTimes(String field) {
        return Counter.builder("ledger.odd.times")
                .description(
                        "Facts whose time is more than 24 h away from that of their append; they count all the same.")
                .tag("field", field)
                .register(registry);
    }

    @Override
    public void onParkedMessages(int partition, long parkedMessages) {
        parkedByPartition.put(partition, parkedMessages);
    }

    @Override
    public void onCanary(int partition, Instant sentAt) {
        canaries.merge(partition, sentAt, (one, other) -> one.isAfter(other) ? one : other);
    }

    /** How long none has come back is counted from here. */
    @Override
    public void onOpened(LedgerStore<?, ?> store, int partition) {
        if (store == LedgerTopology.SPEND_BY_ROOT) {
            onCanary(partition, Instant.ofEpochMilli(registry.config().clock().wallTime()));
        }
    }

    @Override
    public void onClosed(LedgerStore<?, ?> store, int partition) {
        if (store == LedgerTopology.SPEND_BY_ROOT) {
            canaries.remove(partition);
        }
    }

    private long parkedMessages() {
        return parkedByPartition.values().stream().mapToLong(Long::longValue).sum();
    }
}
