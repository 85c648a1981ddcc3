package dev.spendledger.api.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** What docker-compose.yml says. */
final class Compose {
    static final Path FILE = Image.ROOT.resolve("docker-compose.yml");
    static final List<String> INSTANCES = List.of("ledger-1", "ledger-2");

    private final JsonNode file;

    private Compose(JsonNode file) {
        this.file = file;
    }

    static Compose read() throws IOException {
        return new Compose(Yaml.read(FILE));
    }

    JsonNode service(String name) {
        return file.at("/services/" + name);
    }

    Stream<Entry<String, JsonNode>> services() {
        return file.get("services").properties().stream();
    }

    /** The whole environment of an instance, that of its image included. */
    Map<String, String> environment(String name) throws IOException {
        Map<String, String> environment = new HashMap<>(Image.read().environment());
        service(name)
                .get("environment")
                .properties()
                .forEach(variable ->
                        environment.put(variable.getKey(), variable.getValue().textValue()));
        return environment;
    }

    /** The command that tells whether a service is well, as it is run in its container. */
    List<String> healthCheck(String name) {
        List<String> words = texts(service(name).at("/healthcheck/test")).toList();
        if (!words.get(0).equals("CMD")) {
            throw new AssertionError("No command: " + words);
        }
        // The second dollar keeps Compose from putting a variable of its own in.
        return words.stream().skip(1).map(word -> word.replace("$$", "$")).toList();
    }

    /** What is published, as "address:port:port of the container". */
    Stream<String> ports() {
        return services().flatMap(service -> texts(service.getValue().path("ports")));
    }

    static Stream<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).map(JsonNode::textValue);
    }
}
