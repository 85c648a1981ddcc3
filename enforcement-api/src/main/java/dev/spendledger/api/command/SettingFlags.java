package dev.spendledger.api.command;

import dev.spendledger.api.runtime.LedgerConfig;
import dev.spendledger.api.runtime.Setting;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ScopeType;

/** The flags of a command that are settings: each has the name of its environment variable, in lower case with dashes. */
public final class SettingFlags {
    private SettingFlags() {}

    /** Marks a command that takes settings. */
    public interface Taker {}

    static void addTo(CommandLine command) {
        command.getSubcommands().values().forEach(SettingFlags::addTo);
        if (command.getCommand() instanceof Taker) {
            for (Setting setting : Setting.values()) {
                command.getCommandSpec().addOption(option(setting));
            }
        }
    }

    private static OptionSpec option(Setting setting) {
        String fallback = setting.defaultValue()
                .map(value -> value.isEmpty() ? "" : " Default: " + value + ".")
                .orElse(" Must be set.");
        return OptionSpec.builder(setting.flag())
                .type(String.class)
                .paramLabel("VALUE")
                // Also behind the word that says what to do: `ledger topics check --bootstrap-servers ...`.
                .scopeType(ScopeType.INHERIT)
                .description(setting.description() + " (" + setting.environmentName() + ")" + fallback)
                .build();
    }

    /**
     * The configuration that a command runs with.
     *
     * @throws LedgerConfig.InvalidConfigException if anything is wrong, with everything that is
     */
    static LedgerConfig config(CommandSpec spec) {
        return LedgerConfig.of(LedgerCommand.environment(spec), flags(spec), Map.of());
    }

    /**
     * The configuration that a command runs with which may be told of a folder.
     *
     * @param dataDir the folder of a {@code ledger dev} or {@code ledger demo}; null = none
     * @throws LedgerConfig.InvalidConfigException if anything is wrong, with everything that is
     * @throws UserErrorException if no ledger was started on the folder
     */
    static LedgerConfig config(CommandSpec spec, Path dataDir) {
        return dataDir == null
                ? config(spec)
                : LedgerConfig.ofFolder(LedgerCommand.environment(spec), flags(spec), DevProperties.read(dataDir));
    }

    private static Map<Setting, String> flags(CommandSpec spec) {
        Map<Setting, String> flags = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            String value = spec.findOption(setting.flag()).getValue();
            if (value != null) {
                flags.put(setting, value);
            }
        }
        return flags;
    }
}
