package dev.spendledger.schemas;

import dev.spendledger.events.AccountGroups;
import dev.spendledger.events.AccountLimitSet;
import dev.spendledger.events.AlertKind;
import dev.spendledger.events.ChatCreated;
import dev.spendledger.events.ChatFreezeSet;
import dev.spendledger.events.ChatLimitSet;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.events.Period;
import dev.spendledger.events.SpendAlert;
import dev.spendledger.events.TreeState;
import dev.spendledger.events.TreeStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/** Records to test with: one example of each event, and any record of a schema. */
final class Records {
    private static final Instant AT = Instant.parse("2026-11-23T12:00:00.123Z");

    private Records() {}

    /** One of each event, every field filled. */
    static List<SpecificRecord> examples() {
        return List.of(
                new ChatCreated("c-2", "c-1", "c-1", "a-1", 5_000_000L, AT),
                new MessagePriced("m-1", "c-2", "c-1", "a-1", 3, 1_234L, "model-x", 10L, 20L, AT),
                new ChatLimitSet("c-1", 5_000_000L, "ops", AT),
                new AccountLimitSet(7_000_000L, Period.WEEK, "ops", AT),
                new AccountGroups(List.of("g-1", "g-2"), AT),
                new ChatFreezeSet("c-1", "runs in circles", "ops", AT),
                new TreeStatus("c-1", "a-1", TreeState.EXHAUSTED, 5_000_001L, 5_000_000L, 17L, AT),
                new SpendAlert(
                        "account:a-1",
                        AlertKind.ACCOUNT_THRESHOLD,
                        80,
                        "c-1",
                        "a-1",
                        4_000_000L,
                        5_000_000L,
                        "month",
                        AT,
                        AT,
                        "default",
                        AT));
    }

    /**
     * Any record of a generated class, whatever its fields are, so that a new field is tested as soon as it exists. Times
     * are any that the wire can carry.
     */
    static Arbitrary<SpecificRecord> any(Schema schema) {
        List<Arbitrary<Object>> fields = new ArrayList<>();
        schema.getFields().forEach(field -> fields.add(value(field.schema())));
        return Combinators.combine(fields).as(values -> {
            SpecificRecord record =
                    (SpecificRecord) SpecificData.newInstance(SpecificData.get().getClass(schema), schema);
            for (int i = 0; i < values.size(); i++) {
                record.put(i, values.get(i));
            }
            return record;
        });
    }

    private static Arbitrary<Object> value(Schema schema) {
        return switch (schema.getType()) {
            case STRING ->
                Arbitraries.strings()
                        .excludeChars(loneSurrogates())
                        .ofMaxLength(20)
                        .asGeneric();
            case INT -> Arbitraries.integers().asGeneric();
            case LONG ->
                LogicalTypes.timestampMillis().equals(schema.getLogicalType())
                        ? Arbitraries.longs().map(Instant::ofEpochMilli).asGeneric()
                        : Arbitraries.longs().asGeneric();
            case ENUM ->
                Arbitraries.of(schema.getEnumSymbols())
                        .map(symbol -> SpecificData.get().createEnum(symbol, schema));
            case ARRAY -> value(schema.getElementType()).list().ofMaxSize(5).asGeneric();
            case UNION ->
                Arbitraries.oneOf(schema.getTypes().stream().map(Records::value).toList());
            case NULL -> Arbitraries.just(null);
            default -> throw new IllegalArgumentException("No event has a field of " + schema);
        };
    }

    /** They have no UTF-8 form: Java itself writes a question mark in their place. */
    private static char[] loneSurrogates() {
        char[] surrogates = new char[Character.MAX_SURROGATE - Character.MIN_SURROGATE + 1];
        for (int i = 0; i < surrogates.length; i++) {
            surrogates[i] = (char) (Character.MIN_SURROGATE + i);
        }
        return surrogates;
    }
}
