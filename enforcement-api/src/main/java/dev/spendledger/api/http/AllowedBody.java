package dev.spendledger.api.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.spendledger.api.decision.Decision;
import dev.spendledger.api.decision.Scope;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.Freshness;
import dev.spendledger.streams.domain.Thresholds;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * The body that allows a step, as {@code openapi.yaml} has it. It is what the ledger writes most, so it is written field by
 * field: by way of a record it would take twice the time.
 */
final class AllowedBody {
    private static final int BYTES_USUAL = 512;

    private static final SerializableString ALLOWED = new SerializedString("allowed");
    private static final SerializableString CHAT_ID = new SerializedString("chat_id");
    private static final SerializableString ROOT_CHAT_ID = new SerializedString("root_chat_id");
    private static final SerializableString ACCOUNT_ID = new SerializedString("account_id");
    private static final SerializableString SCOPES = new SerializedString("scopes");
    private static final SerializableString SCOPE = new SerializedString("scope");
    private static final SerializableString PERIOD = new SerializedString("period");
    private static final SerializableString SPENT_MICROS = new SerializedString("spent_micros");
    private static final SerializableString OVERFLOW = new SerializedString("overflow");
    private static final SerializableString LIMIT_MICROS = new SerializedString("limit_micros");
    private static final SerializableString REMAINING_MICROS = new SerializedString("remaining_micros");
    private static final SerializableString RESETS_AT = new SerializedString("resets_at");
    private static final SerializableString LIMIT_SOURCE = new SerializedString("limit_source");
    private static final SerializableString THRESHOLD_PERCENT = new SerializedString("threshold_percent");
    private static final SerializableString SERVED_BY = new SerializedString("served_by");
    private static final SerializableString AS_OF = new SerializedString("as_of");
    private static final SerializableString LAG_MS = new SerializedString("lag_ms");
    private static final SerializableString DEGRADED = new SerializedString("degraded");
    private static final SerializableString DEGRADED_REASON = new SerializedString("degraded_reason");

    private AllowedBody() {}

    static Buffer of(Decision.Allowed allowed) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(BYTES_USUAL);
        try (JsonGenerator json = Json.generator(out)) {
            write(json, allowed);
        } catch (IOException e) {
            throw new UncheckedIOException("Writing to memory cannot fail", e);
        }
        return Buffer.buffer(out.toByteArray());
    }

    private static void write(JsonGenerator json, Decision.Allowed allowed) throws IOException {
        json.writeStartObject();
        json.writeFieldName(ALLOWED);
        json.writeBoolean(true);
        if (allowed.subject().chatId() != null) {
            write(json, CHAT_ID, allowed.subject().chatId());
            write(json, ROOT_CHAT_ID, allowed.subject().rootChatId().orElse(null));
        }
        write(json, ACCOUNT_ID, allowed.subject().accountId().orElse(null));
        json.writeFieldName(SCOPES);
        json.writeStartArray();
        for (Scope scope : allowed.scopes()) {
            write(json, scope);
        }
        json.writeEndArray();
        int passedPercent = allowed.passedPercent();
        if (passedPercent != Thresholds.NONE_PASSED) {
            write(json, THRESHOLD_PERCENT, passedPercent);
        }
        write(json, SERVED_BY, allowed.servedBy().code());
        if (allowed.freshness().isPresent()) {
            Freshness freshness = allowed.freshness().get();
            write(json, AS_OF, Json.time(freshness.asOf()));
            write(json, LAG_MS, freshness.lagMs());
        }
        Optional<DegradedReason> degraded = allowed.degraded();
        json.writeFieldName(DEGRADED);
        json.writeBoolean(degraded.isPresent());
        if (degraded.isPresent()) {
            write(json, DEGRADED_REASON, degraded.get().code());
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Scope scope) throws IOException {
        json.writeStartObject();
        write(json, SCOPE, scope.name());
        Optional<Scope.InPeriod> inPeriod = scope.inPeriod();
        if (inPeriod.isPresent()) {
            write(json, PERIOD, inPeriod.get().period().code());
        }
        write(json, SPENT_MICROS, scope.spentMicros());
        if (scope.overflow()) {
            json.writeFieldName(OVERFLOW);
            json.writeBoolean(true);
        }
        write(json, LIMIT_MICROS, scope.limitMicros());
        write(json, REMAINING_MICROS, scope.remainingMicros());
        if (inPeriod.isPresent()) {
            write(json, RESETS_AT, Json.time(inPeriod.get().resetsAt()));
            write(json, LIMIT_SOURCE, inPeriod.get().limitSource().code());
        }
        json.writeEndObject();
    }

    /** @param value null is shown */
    private static void write(JsonGenerator json, SerializableString name, String value) throws IOException {
        json.writeFieldName(name);
        json.writeString(value);
    }

    private static void write(JsonGenerator json, SerializableString name, long value) throws IOException {
        json.writeFieldName(name);
        json.writeNumber(value);
    }
}
