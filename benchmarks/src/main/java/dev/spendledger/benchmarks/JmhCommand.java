package dev.spendledger.benchmarks;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ledger bench jmh}: what the functions that every fact and every check goes through cost, each by itself. */
@Command(
        name = "jmh",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Time and memory of the hot functions, one by one: decode, encode, fold, route, decide, reply.")
final class JmhCommand implements Callable<Integer> {
    private static final String BYTES = "gc.alloc.rate.norm";

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--filter",
            paramLabel = "REGEX",
            defaultValue = ".*",
            description = "Only functions in whose class and method, such as DecodeBenchmark.messagePriced, it is"
                    + " found. Default: all.")
    private Pattern filter;

    @Option(
            names = "--forks",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many JVMs measure each function, one after the other; 0 = this one. Default:"
                    + " ${DEFAULT-VALUE}.")
    private int forks;

    @Option(
            names = "--iterations",
            paramLabel = "N",
            defaultValue = "5",
            description = "How often each of them measures it, after as often to warm up. Default: ${DEFAULT-VALUE}.")
    private int iterations;

    @Option(
            names = "--millis",
            paramLabel = "N",
            defaultValue = "1000",
            description = "How long it calls it each time. Default: ${DEFAULT-VALUE}.")
    private int millis;

    @Override
    public Integer call() throws Exception {
        require("--forks", forks, 0);
        require("--iterations", iterations, 1);
        require("--millis", millis, 1);
        Map<String, Spread> figures = new TreeMap<>();
        for (RunResult function : run()) {
            String name = name(function.getParams().getBenchmark());
            List<IterationResult> measured = function.getBenchmarkResults().stream()
                    .flatMap(fork -> fork.getIterationResults().stream())
                    .toList();
            figures.put(
                    name + "_ns",
                    Spread.of(measured, each -> each.getPrimaryResult().getScore()));
            figures.put(
                    name + "_bytes",
                    Spread.of(
                            measured,
                            each -> each.getSecondaryResults().get(BYTES).getScore()));
        }
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("filter", filter.pattern());
        settings.put("forks", forks);
        settings.put("iterations", iterations);
        settings.put("millis", millis);
        String title =
                "Each function by itself, %d iterations of %d ms in each of %d JVMs (nanoseconds and bytes a call)"
                        .formatted(iterations, millis, Math.max(1, forks));
        Results.report(spec.commandLine().getOut(), "jmh", title, settings, figures);
        return 0;
    }

    private void require(String option, int value, int least) {
        if (value < least) {
            throw new ParameterException(
                    spec.commandLine(), "%s must be %d or more, and is %d.".formatted(option, least, value));
        }
    }

    private Collection<RunResult> run() throws Exception {
        TimeValue time = TimeValue.milliseconds(millis);
        Options options = new OptionsBuilder()
                .include(filter.pattern())
                .mode(Mode.AverageTime)
                .timeUnit(TimeUnit.NANOSECONDS)
                .forks(forks)
                .warmupIterations(iterations)
                .warmupTime(time)
                .measurementIterations(iterations)
                .measurementTime(time)
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .build();
        try {
            return new Runner(options).run();
        } catch (NoBenchmarksException e) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--filter must be found in the name of a function, and " + filter + " is in none.");
        }
    }

    /** Of {@code ...DecodeBenchmark.messagePriced}: {@code decode_message_priced}. */
    private static String name(String benchmark) {
        String[] path = benchmark.split("\\.");
        String words = path[path.length - 2].replaceFirst("Benchmark$", "") + "." + path[path.length - 1];
        return words.replaceAll("(?<=[a-z])(?=[A-Z])|\\.", "_").toLowerCase(Locale.ROOT);
    }
}
