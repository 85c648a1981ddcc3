package dev.spendledger.schemas;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import org.apache.avro.Schema;

/**
 * The generated classes' schemas say of each string which Java class it becomes. Nobody else cares: a registry is given
 * what stands in the {@code .avsc} file, so that a chat service which registers that file gets the same schema.
 */
final class JavaProperties {
    private static final String JAVA_STRING = "avro.java.string";
    private static final ObjectMapper JSON = new ObjectMapper();

    private JavaProperties() {}

    static String without(Schema schema) {
        try {
            return clean(JSON.readTree(schema.toString())).toString();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A schema is always JSON", e);
        }
    }

    private static JsonNode clean(JsonNode node) {
        if (node instanceof ArrayNode array) {
            ArrayNode cleaned = JSON.createArrayNode();
            array.forEach(element -> cleaned.add(clean(element)));
            return cleaned;
        }
        if (!(node instanceof ObjectNode object)) {
            return node;
        }
        ObjectNode cleaned = JSON.createObjectNode();
        object.properties().stream()
                .filter(property -> !property.getKey().equals(JAVA_STRING))
                .forEach(property -> cleaned.set(property.getKey(), clean(property.getValue())));
        boolean wasTypeOfString = object.has(JAVA_STRING) && cleaned.size() == 1;
        return wasTypeOfString ? TextNode.valueOf(cleaned.path("type").asText()) : cleaned;
    }
}
