package dev.spendledger.api.command;

import dev.spendledger.api.runtime.LedgerConfig;
import dev.spendledger.api.runtime.Setting;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ledger config}: the values that {@code ledger serve} would run with, and where each came from. */
@Command(
        name = "config",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Show the settings that `serve` would run with, and where each came from.")
final class ConfigCommand implements Callable<Integer>, SettingFlags.Taker {
    private static final Pattern SECRET =
            Pattern.compile("passw|passphrase|secret|jaas|token|credential|user\\.?info|\\.key$");

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        LedgerConfig config = SettingFlags.config(spec);
        PrintWriter out = spec.commandLine().getOut();
        for (Setting setting : Setting.values()) {
            LedgerConfig.Value value = config.value(setting);
            print(
                    out,
                    setting.environmentName(),
                    value.text(),
                    value.origin().name().toLowerCase(Locale.ROOT));
        }
        config.kafka()
                .forEach((property, value) -> print(
                        out,
                        "Kafka's " + property,
                        SECRET.matcher(property).find() || value.indexOf('@') >= 0 ? "(set, not shown)" : value,
                        "environment"));
        config.warnings().forEach(spec.commandLine().getErr()::println);
        return 0;
    }

    private static void print(PrintWriter out, String name, String value, String origin) {
        out.printf("%-32s %-40s %s%n", name, value.isEmpty() ? "(empty)" : value, origin);
    }
}
