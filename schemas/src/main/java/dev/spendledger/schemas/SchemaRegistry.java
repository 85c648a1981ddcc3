package dev.spendledger.schemas;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.kafka.common.config.ConfigException;

/**
 * Gives every writer schema a number, so that a record carries four bytes instead of its schema. Implementations are
 * thread-safe and answer from memory once they know a schema.
 */
public interface SchemaRegistry {
    /** What {@value EventSerde#REGISTRY_URL} must be, in words. */
    String URL_FORM =
            "`bundled:`, or http://host:port/path (several addresses of one registry with commas, and credentials in "
                    + EventSerde.USER_INFO + ", not in the URL)";

    /**
     * The id under which records of a schema are written, registering the schema first where that is needed and allowed.
     *
     * @param subject what the schema is registered under: {@code <topic>-value}
     * @throws org.apache.kafka.common.errors.SerializationException if the registry does not take the schema
     */
    int idOf(String subject, Schema schema);

    /**
     * The schema that records with this id were written with.
     *
     * @throws UnknownSchemaException if no schema has this id
     */
    Schema byId(int id);

    /**
     * Learns the schemas that are registered under a subject by now, so that {@link #byId} answers for them from memory. Does
     * nothing where all are in memory anyway.
     */
    default void learn(String subject) {}

    /**
     * The registry that a serde is configured with.
     *
     * @throws ConfigException if a value is not what it must be
     */
    static SchemaRegistry of(Map<String, ?> configs) {
        Object url = configs.get(EventSerde.REGISTRY_URL);
        if (BundledRegistry.URL.equals(url)) {
            return new BundledRegistry();
        }
        Optional<List<URI>> urls = url instanceof String text ? urls(text) : Optional.empty();
        if (urls.isEmpty()) {
            // Without its value, in which a password may stand where none should.
            throw new ConfigException(EventSerde.REGISTRY_URL + " must be " + URL_FORM);
        }
        Object autoRegister =
                configs.containsKey(EventSerde.AUTO_REGISTER) ? configs.get(EventSerde.AUTO_REGISTER) : true;
        if (!List.of("true", "false").contains(String.valueOf(autoRegister))) {
            throw new ConfigException(EventSerde.AUTO_REGISTER, autoRegister, "must be true or false");
        }
        Optional<String> userInfo =
                Optional.ofNullable(configs.get(EventSerde.USER_INFO)).map(Object::toString);
        if (userInfo.filter(info -> info.indexOf(':') < 1).isPresent()) {
            throw new ConfigException(EventSerde.USER_INFO + " must be user:password"); // Its value is a secret.
        }
        return new HttpRegistry(urls.get(), userInfo, Boolean.parseBoolean(autoRegister.toString()));
    }

    /** The addresses of a registry over HTTP, as they stand in {@value EventSerde#REGISTRY_URL}; empty = they are none. */
    static Optional<List<URI>> urls(String text) {
        try {
            List<URI> urls = Stream.of(text.split(",", -1))
                    .map(url -> URI.create(url.strip().replaceAll("/+$", "")))
                    .toList();
            return Optional.of(urls).filter(given -> given.stream().allMatch(SchemaRegistry::isPlainHttp));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static boolean isPlainHttp(URI url) {
        return ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
                && url.getHost() != null
                && url.toString().indexOf('@')
                        < 0 // Also where a password has a slash in it, so that it looks like a path.
                && url.getQuery() == null
                && url.getFragment() == null;
    }
}
