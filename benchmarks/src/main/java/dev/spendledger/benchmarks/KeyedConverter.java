package dev.spendledger.benchmarks;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads what messages are keyed by as it is written. */
final class KeyedConverter implements ITypeConverter<Keyed> {
    @Override
    public Keyed convert(String name) {
        return Stream.of(Keyed.values())
                .filter(keyed -> keyed.code().equals(name))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("'" + name + "' must be one of "
                        + Stream.of(Keyed.values()).map(Keyed::code).collect(Collectors.joining(", "))));
    }
}
