package dev.spendledger.benchmarks;

import dev.spendledger.benchmarks.AccountCheckLoad.Run;
import dev.spendledger.demo.EmbeddedLedger;
import dev.spendledger.demo.TemporaryFolder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ledger bench account-check}: whether the check of an account costs more the more messages its period has. */
@Command(
        name = "account-check",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "The check of an account with 10 messages in its period, and of one with many.")
final class AccountCheckCommand implements Callable<Integer> {
    private static final int FEW = 10;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--messages",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "How many messages the second account has. Default: ${DEFAULT-VALUE}.")
    private int messages;

    @Option(
            names = "--checks",
            paramLabel = "N",
            defaultValue = "10000",
            description = "How many checks of each account one run makes. Default: ${DEFAULT-VALUE}.")
    private int checks;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "5",
            description = "How many runs, after one to warm up. Default: ${DEFAULT-VALUE}.")
    private int runs;

    @Override
    public Integer call() throws Exception {
        try (TemporaryFolder dataDir = TemporaryFolder.create("ledger-bench-");
                EmbeddedLedger ledger = EmbeddedLedger.start(Map.of(), OptionalInt.of(0), dataDir.path());
                AccountCheckLoad load = new AccountCheckLoad(ledger.url(), ledger.bootstrapServers())) {
            load.prepare(FEW, messages);
            load.run(checks);
            List<Run> measured = new ArrayList<>();
            for (int run = 0; run < runs; run++) {
                measured.add(load.run(checks));
            }
            Map<String, Spread> figures = new LinkedHashMap<>();
            figures.put("few_us", Spread.of(measured, Run::fewMicros));
            figures.put("many_us", Spread.of(measured, Run::manyMicros));
            figures.put("many_to_few", Spread.of(measured, run -> run.manyMicros() / run.fewMicros()));
            Map<String, Object> settings = new LinkedHashMap<>();
            settings.put("few", FEW);
            settings.put("many", messages);
            settings.put("checks", checks);
            settings.put("runs", runs);
            String title = "The median check of an account with %d and with %d messages, %d runs of %d checks of each"
                            .formatted(FEW, messages, runs, checks)
                    + " (microseconds, and their ratio)";
            Results.report(spec.commandLine().getOut(), "account-check", title, settings, figures);
            Verified.require(dataDir.path(), spec.commandLine().getOut());
        }
        return 0;
    }
}
