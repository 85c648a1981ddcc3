package dev.spendledger.benchmarks;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the name of a variant as it is written. */
final class FoldVariantConverter implements ITypeConverter<FoldVariant> {
    @Override
    public FoldVariant convert(String name) {
        return Stream.of(FoldVariant.values())
                .filter(variant -> variant.code().equals(name))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("'" + name + "' must be one of "
                        + Stream.of(FoldVariant.values()).map(FoldVariant::code).collect(Collectors.joining(", "))));
    }
}
