package dev.spendledger.api.runtime;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.DiskSpaceMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.util.Set;

/** The registry behind {@code /metrics}. */
final class Metrics {
    /** Of the hundreds that Kafka's clients have, those that tell whether the fold is well, and how far it has come. */
    private static final Set<String> KAFKA_METERS = Set.of(
            "kafka.stream.thread.process.rate",
            "kafka.stream.thread.process.latency.avg",
            "kafka.stream.thread.commit.rate",
            "kafka.stream.thread.commit.latency.avg",
            "kafka.stream.thread.task.created.total",
            "kafka.stream.alive.stream.threads",
            "kafka.stream.client.state",
            "kafka.stream.failed.stream.threads",
            "kafka.consumer.coordinator.rebalance.total",
            "kafka.consumer.coordinator.last.heartbeat.seconds.ago",
            "kafka.consumer.fetch.manager.records.lag.max");

    private Metrics() {}

    /** @param stateDir the folder of the local state, whose disk is shown */
    static PrometheusMeterRegistry registry(Path stateDir) {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        registry.config().meterFilter(MeterFilter.deny(Metrics::isUnimportant));
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new JvmGcMetrics().bindTo(registry);
        new DiskSpaceMetrics(stateDir.toFile()).bindTo(registry);
        BoundedRocksDb.bindTo(registry);
        return registry;
    }

    private static boolean isUnimportant(Meter.Id id) {
        return id.getName().startsWith("kafka.") && !KAFKA_METERS.contains(id.getName());
    }
}
