package dev.spendledger.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.avro.Schema;

/** The schemas of the events as they were released: what is in the log was written with one of them. */
final class ReleasedSchemas {
    /** Every release whose schemas are kept, the oldest first. */
    static final List<String> RELEASES = List.of("0.1.0");

    private ReleasedSchemas() {}

    /** The schema of an event in a release; empty = there was no such event yet. */
    static Optional<Schema> of(String release, String eventName) {
        String resource = "released/" + release + "/" + eventName + ".avsc";
        try (InputStream avsc = ReleasedSchemas.class.getResourceAsStream(resource)) {
            return avsc == null ? Optional.empty() : Optional.of(new Schema.Parser().parse(avsc));
        } catch (IOException e) {
            throw new UncheckedIOException("The jar is broken: " + resource, e);
        }
    }

    /** The schemas that an event has had, by release. */
    static Stream<Schema> of(Schema current) {
        return RELEASES.stream().flatMap(release -> of(release, current.getName()).stream());
    }
}
