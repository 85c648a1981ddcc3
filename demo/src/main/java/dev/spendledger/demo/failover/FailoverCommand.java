package dev.spendledger.demo.failover;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spendledger.api.command.LedgerCommand;
import dev.spendledger.api.runtime.LedgerConfig;
import dev.spendledger.demo.Cluster;
import dev.spendledger.demo.Lifetime;
import dev.spendledger.demo.TemporaryFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ledger drill failover}: whether anything gets through while parts of a ledger of three instances are away. */
@Command(
        name = "failover",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Kill, stop and cut off instances and the broker of a ledger of three, under load.",
            "Status 0 if every figure is as required. The figures are also written to ledger-data/drill/failover.json."
        })
final class FailoverCommand implements Callable<Integer> {
    private static final Path RESULT = Path.of("ledger-data", "drill", "failover.json");
    private static final String SETTING_PREFIX = "LEDGER_";
    private static final int LOAD_MOST = 100_000;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--short",
            description = "The form that every build goes through: less load, and shorter time-outs than are shipped.")
    private boolean isShort;

    @Option(
            names = "--scenario",
            paramLabel = "NAME",
            split = ",",
            converter = ScenarioConverter.class,
            description = "Only these, with commas: kill, rolling, broker, cutoff. Default: all of them.")
    private List<Scenario> scenarios;

    @Option(
            names = "--load",
            paramLabel = "N",
            description = "How many messages, and how many checks, a second: 1 to 100000. Default: 2000; short: 200.")
    private Integer load;

    @Override
    public Integer call() throws Exception {
        if (load != null && (load < 1 || load > LOAD_MOST)) {
            throw new ParameterException(spec.commandLine(), "--load is " + load + " and must be 1 to " + LOAD_MOST);
        }
        Lifetime lifetime = new Lifetime();
        try (lifetime) {
            return run(lifetime);
        } catch (Exception e) {
            if (lifetime.isToldToStop()) { // What was told to stop may fail at that.
                return LedgerCommand.EXIT_FAILED;
            }
            throw e;
        }
    }

    private int run(Lifetime lifetime) throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        Size form = isShort ? Size.SHORT : Size.FULL;
        Size size = load == null ? form : form.withLoad(load);
        Set<Scenario> chosen = scenarios == null ? EnumSet.allOf(Scenario.class) : EnumSet.copyOf(scenarios);
        TemporaryFolder folder = TemporaryFolder.create("ledger-drill-");
        AtomicInteger ended = new AtomicInteger();
        Cluster cluster = lifetime.open(() -> Cluster.startWithProxy(
                environment(size), FailoverDrill.INSTANCES, FailoverDrill.PROXIED, folder.path(), end -> {
                    ended.incrementAndGet();
                    out.println("  instance " + end.number() + " has ended by itself with status " + end.status());
                }));
        FailoverDrill drill = lifetime.open(() -> new FailoverDrill(cluster, ended, size, out));
        out.println(
                "A ledger of " + FailoverDrill.INSTANCES + " instances, all of its data and logs in " + folder.path());
        drill.prepare();
        List<Result> results = new ArrayList<>();
        for (Scenario scenario : chosen) {
            Result result = drill.run(scenario);
            result.print(out);
            results.add(result);
        }
        boolean ok = results.stream().allMatch(Result::ok);
        write(size, results, ok);
        out.println((ok ? "ok" : "FAILED") + ", written to " + RESULT);
        lifetime.close();
        if (ok) {
            folder.close(); // Else the logs are of use.
        }
        return ok ? 0 : LedgerCommand.EXIT_FAILED;
    }

    /** This one's own settings and no others: its bounds hold for these. */
    private static Map<String, String> environment(Size size) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.keySet().removeIf(name -> name.startsWith(SETTING_PREFIX));
        environment.putAll(size.settings());
        return environment;
    }

    private void write(Size size, List<Result> results, boolean ok) throws IOException {
        Map<String, Object> file = new LinkedHashMap<>();
        file.put("drill", "failover");
        file.put("short", isShort);
        file.put("messages_per_second", size.messagesPerSecond());
        file.put("checks_per_second", size.checksPerSecond());
        file.put("settings", size.settings());
        file.put("ok", ok);
        file.put("at", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        file.put("cores", Runtime.getRuntime().availableProcessors());
        file.put("java", System.getProperty("java.vm.name") + " " + Runtime.version());
        file.put("version", LedgerConfig.class.getPackage().getImplementationVersion());
        file.put("scenarios", results.stream().map(Result::asMap).toList());
        Files.createDirectories(RESULT.getParent());
        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(RESULT.toFile(), file);
    }
}
