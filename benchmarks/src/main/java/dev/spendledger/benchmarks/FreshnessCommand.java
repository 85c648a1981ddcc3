package dev.spendledger.benchmarks;

import dev.spendledger.benchmarks.FreshnessLoad.Run;
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
import java.util.stream.Collectors;
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
    private static final int RATE_MOST = 100_000;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--rate",
            paramLabel = "N",
            split = ",",
            defaultValue = "100,1000,5000",
            description = "Messages a second, several with commas. Default: ${DEFAULT-VALUE}.")
    private List<Integer> rates;

    @Option(
            names = "--keyed",
            paramLabel = "BY",
            split = ",",
            defaultValue = "home,routed",
            converter = KeyedConverter.class,
            description =
                    "What the messages are keyed by: home, their root; routed, their chat, so that they are routed to"
                            + " their root; or both with a comma. Default: ${DEFAULT-VALUE}.")
    private List<Keyed> keyed;

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
            description = "How many runs of each, after one to warm up. Default: ${DEFAULT-VALUE}.")
    private int runs;

    @Override
    public Integer call() throws Exception {
        Flags.require(
                spec,
                rates.stream().allMatch(rate -> rate >= 1 && rate <= RATE_MOST),
                "--rate is " + rates + " and each must be from 1 to " + RATE_MOST + ".");
        Flags.require(spec, seconds >= 1, "--seconds is " + seconds + " and must be 1 or more.");
        Flags.require(spec, runs >= 1, "--runs is " + runs + " and must be 1 or more.");
        Flags.require(spec, areDistinct(rates), "--rate names one twice: " + rates + ".");
        Flags.require(spec, areDistinct(keyed), "--keyed names one twice.");
        try (TemporaryFolder dataDir = TemporaryFolder.create("ledger-bench-");
                EmbeddedLedger ledger = EmbeddedLedger.start(Map.of(), OptionalInt.of(0), dataDir.path());
                FreshnessLoad load = new FreshnessLoad(ledger.url(), ledger.bootstrapServers())) {
            load.prepare();
            Map<String, Spread> figures = new LinkedHashMap<>();
            for (Keyed by : keyed) {
                for (int rate : rates) {
                    put(figures, by.code() + "_" + rate, measure(load, rate, by));
                }
            }
            report(figures);
            Verified.require(dataDir.path(), spec.commandLine().getOut());
        }
        return 0;
    }

    private List<Run> measure(FreshnessLoad load, int rate, Keyed by) throws Exception {
        load.run(rate, Duration.ofSeconds(seconds), by);
        List<Run> measured = new ArrayList<>();
        for (int run = 0; run < runs; run++) {
            measured.add(load.run(rate, Duration.ofSeconds(seconds), by));
        }
        return measured;
    }

    private static void put(Map<String, Spread> figures, String what, List<Run> measured) {
        figures.put(what + "_p50_ms", millis(measured, times -> times.getValueAtPercentile(50)));
        figures.put(what + "_p99_ms", millis(measured, times -> times.getValueAtPercentile(99)));
        figures.put(what + "_p999_ms", millis(measured, times -> times.getValueAtPercentile(99.9)));
        figures.put(what + "_max_ms", millis(measured, Histogram::getMaxValue));
        figures.put(what + "_produced_per_s", Spread.of(measured, Run::producedPerSecond));
    }

    private void report(Map<String, Spread> figures) throws IOException {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("keyed", keyed.stream().map(Keyed::code).toList());
        settings.put("rates", rates);
        settings.put("seconds", seconds);
        settings.put("runs", runs);
        String title = "Acknowledged to seen by a check, at %s messages/s, %d runs of %d s (milliseconds)"
                .formatted(rates.stream().map(String::valueOf).collect(Collectors.joining(", ")), runs, seconds);
        Results.report(spec.commandLine().getOut(), "freshness", title, settings, figures);
    }

    private static Spread millis(List<Run> measured, ToLongFunction<Histogram> micros) {
        return Spread.of(measured, run -> micros.applyAsLong(run.times()) / MICROS_PER_MILLI);
    }

    private static boolean areDistinct(List<?> values) {
        return values.stream().distinct().count() == values.size();
    }
}
