package dev.spendledger.streams.topology;

import dev.spendledger.streams.domain.MessageFact;
import dev.spendledger.streams.intake.RecordId;
import dev.spendledger.streams.intake.Source;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;

/**
 * An event that waits at its chat.
 *
 * @param source the record that carried it
 * @param costMicros of a message: its cost; null = unpriced
 */
public record Parked(Source source, Long costMicros) {

    /** What it is, and so what it waits for. */
    public enum Kind {
        /** Waits for its chat to be created, which tells whether it is a root. */
        LIMIT,
        /** The creation of a child, kept because it is a dead letter if the child proves to have no root. */
        CHAT,
        /** Waits for its chat to have a root. */
        MESSAGE;

        /** What the keys of all events of this kind at a chat begin with. */
        Bytes prefix(String chatId) {
            return StoreKeys.of(chatId, new byte[] {(byte) ordinal()});
        }

        /** Any bytes may be asked about: those that are no key are of no kind. */
        boolean isKindOf(Bytes key) {
            ByteBuffer bytes = ByteBuffer.wrap(key.get());
            int at = bytes.remaining() < Short.BYTES ? 0 : Short.BYTES + Short.toUnsignedInt(bytes.getShort());
            return at > 0 && at < bytes.limit() && bytes.get(at) == ordinal();
        }

        /** A key for each record; within a chat and kind in the order of the log. */
        public Bytes key(String chatId, RecordId event) {
            return StoreKeys.of(
                    chatId,
                    ByteBuffer.allocate(Byte.BYTES + Integer.BYTES + Long.BYTES)
                            .put((byte) ordinal())
                            .putInt(event.partition())
                            .putLong(event.offset())
                            .array());
        }
    }

    /**
     * What of a parked event the facts determine: all of it.
     *
     * @param costMicros null = unpriced, or no message
     */
    record Determined(Fingerprint source, Long costMicros) {}

    Determined determined() {
        return new Determined(Fingerprint.of(source), costMicros);
    }

    /** What a key is made of. */
    static List<String> ids(String chatId, Kind kind, RecordId event) {
        return List.of(chatId, kind.name(), Integer.toString(event.partition()), Long.toString(event.offset()));
    }

    static List<String> ids(Bytes key) {
        ByteBuffer second = StoreKeys.secondBytes(key);
        return ids(
                StoreKeys.first(key), Kind.values()[second.get()], new RecordId("", second.getInt(), second.getLong()));
    }

    /** The inverse of {@link #ids(Bytes)}. */
    static Bytes key(List<String> ids) {
        RecordId event = new RecordId("", Integer.parseInt(ids.get(2)), Long.parseLong(ids.get(3)));
        return Kind.valueOf(ids.get(1)).key(ids.get(0), event);
    }

    static Parked message(Source source, MessageFact fact) {
        return new Parked(source, fact.pricing().costMicros());
    }

    static Parked other(Source source) {
        return new Parked(source, null);
    }
}
