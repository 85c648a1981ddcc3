package dev.spendledger.benchmarks;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What the flags of a measurement must keep to. */
final class Flags {
    private Flags() {}

    /**
     * @param flag its name
     * @throws ParameterException if its value is outside of the range, which it names
     */
    static void requireWithin(CommandSpec spec, String flag, int value, int least, int most) {
        require(
                spec,
                value >= least && value <= most,
                flag + " is " + value + " and must be from " + least + " to " + most + ".");
    }

    /** @throws ParameterException with this message, if it is not right */
    static void require(CommandSpec spec, boolean right, String message) {
        if (!right) {
            throw new ParameterException(spec.commandLine(), message);
        }
    }
}
