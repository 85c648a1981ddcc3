package dev.spendledger.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.InputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ErrorCodeTest {

    /** Clients switch on them. */
    @Test
    void shouldBeTheCodesOfTheContract() throws IOException {
        // Given
        JsonNode document;
        try (InputStream in = getClass().getResourceAsStream("/openapi.yaml")) {
            document = new ObjectMapper(new YAMLFactory()).readTree(in);
        }

        // When
        JsonNode codes = document.at("/components/schemas/ErrorCode/enum");

        // Then
        assertThat(codes)
                .extracting(JsonNode::textValue)
                .containsExactlyInAnyOrderElementsOf(
                        Stream.of(ErrorCode.values()).map(ErrorCode::code).toList());
    }
}
