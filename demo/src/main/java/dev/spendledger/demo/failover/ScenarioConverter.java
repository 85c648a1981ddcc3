package dev.spendledger.demo.failover;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the name of a scenario as it is written. */
final class ScenarioConverter implements ITypeConverter<Scenario> {
    @Override
    public Scenario convert(String name) {
        return Stream.of(Scenario.values())
                .filter(scenario -> scenario.code().equals(name))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("must be one of "
                        + Stream.of(Scenario.values()).map(Scenario::code).collect(Collectors.joining(", "))));
    }
}
