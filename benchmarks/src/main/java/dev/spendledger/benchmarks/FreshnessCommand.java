package dev.spendledger.benchmarks;

import dev.spendledger.demo.EmbeddedLedger;
import dev.spendledger.demo.TemporaryFolder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code ledger bench freshness}: how long after Kafka has acknowledged a priced message a check over HTTP sees it. Broker,
 * instance and load share this process, so the figures hold the cost of all three.
 */
@Command(
        name = "freshness",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "From the acknowledgement of a priced message to the first check that sees it.")
final class FreshnessCommand implements Callable<Integer> {
    private static final double MICROS_PER_MILLI = 1_000.0;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "100",
            description = "Messages a second. Default: ${DEFAULT-VALUE}.")
    private int rate;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "10",
            description = "How long one run takes. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "5",
            description = "How many runs, after one to warm up. Default: ${DEFAULT-VALUE}.")
    private int runs;

    @Option(
            names = "--routed",
            description =
                    "Key the messages by their chat, so that they are routed to their root; else they are at home.")
    private boolean routed;

    @Override
    public Integer call() throws Exception {
        try (TemporaryFolder dataDir = TemporaryFolder.create("ledger-bench-");
                EmbeddedLedger ledger = EmbeddedLedger.start(Map.of(), OptionalInt.of(0), dataDir.path());
                FreshnessLoad load = new FreshnessLoad(ledger.url(), ledger.bootstrapServers(), routed)) {
            load.prepare();
            load.run(rate, Duration.ofSeconds(seconds));
            List<Histogram> histograms = new ArrayList<>();
            for (int run = 0; run < runs; run++) {
                histograms.add(load.run(rate, Duration.ofSeconds(seconds)));
            }
            report(histograms);
            Verified.require(dataDir.path(), spec.commandLine().getOut());
        }
        return 0;
    }

    private void report(List<Histogram> histograms) throws IOException {
        Map<String, Spread> figures = new LinkedHashMap<>();
        figures.put("p50_ms", millis(histograms, histogram -> histogram.getValueAtPercentile(50)));
        figures.put("p99_ms", millis(histograms, histogram -> histogram.getValueAtPercentile(99)));
        figures.put("p999_ms", millis(histograms, histogram -> histogram.getValueAtPercentile(99.9)));
        figures.put("max_ms", millis(histograms, Histogram::getMaxValue));
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("routed", routed);
        settings.put("rate", rate);
        settings.put("seconds", seconds);
        settings.put("runs", runs);
        String title = "Acknowledged to seen by a check, %s, %d messages/s, %d runs of %d s (milliseconds)"
                .formatted(routed ? "routed" : "at home", rate, runs, seconds);
        Results.report(spec.commandLine().getOut(), "freshness", title, settings, figures);
    }

    private static Spread millis(List<Histogram> histograms, ToLongFunction<Histogram> micros) {
        return Spread.of(histograms, histogram -> micros.applyAsLong(histogram) / MICROS_PER_MILLI);
    }
}
