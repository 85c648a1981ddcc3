package dev.spendledger.api.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.spendledger.api.decision.Decider.LookupErrorPolicy;
import dev.spendledger.api.openapi.OpenApiDocument.At;
import dev.spendledger.api.openapi.OpenApiDocument.Operation;
import dev.spendledger.api.query.DegradedReason;
import dev.spendledger.api.query.ServedBy;
import dev.spendledger.api.testing.AccessTable;
import dev.spendledger.api.testing.FakeReader;
import dev.spendledger.api.testing.StubLedger;
import io.vertx.core.http.HttpMethod;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** That {@code openapi.yaml} is whole in itself, and is about the routes that there are. */
class OpenApiDocumentTest {
    private static final OpenApiDocument DOCUMENT = OpenApiDocument.load();

    static Stream<Operation> operations() {
        return DOCUMENT.operations().stream();
    }

    @Test
    void shouldDescribeExactlyTheRoutesThatThereAre() {
        // Given
        Set<String> described = operations().map(Operation::toString).collect(Collectors.toSet());

        // When
        Set<String> routed;
        try (StubLedger ledger = StubLedger.start(new FakeReader(), LookupErrorPolicy.OPEN)) {
            routed = ledger.router().getRoutes().stream()
                    .filter(route -> route.methods() != null)
                    // For the ledger's own tools, and no contract.
                    .filter(route -> !route.getPath().startsWith("/internal/"))
                    // The files of the page: what they are is up to them.
                    .filter(route ->
                            !route.getPath().equals("/") && !route.getPath().startsWith("/web"))
                    .flatMap(route -> route.methods().stream()
                            .map(HttpMethod::name)
                            .map(method -> method + " " + route.getPath().replaceAll(":(\\w+)", "{$1}")))
                    .collect(Collectors.toSet());
        }

        // Then
        assertThat(routed).isNotEmpty().isEqualTo(described);
    }

    @ParameterizedTest
    @MethodSource("operations")
    void shouldAnswerEveryExampleOfARequestInExactlyOneStatus(Operation operation) {
        // When
        Map<String, Long> statusesByName =
                examplesOf(operation).collect(Collectors.groupingBy(Example::name, Collectors.counting()));

        // Then
        assertThat(statusesByName.keySet()).containsAll(DOCUMENT.requestExampleNames(operation));
        assertThat(statusesByName.values()).containsOnly(1L);
    }

    @ParameterizedTest
    @MethodSource("operations")
    void shouldGiveEveryPathParameterAValueInEveryExample(Operation operation) {
        // Given
        long parameters = DOCUMENT.parameters(operation).stream()
                .filter(parameter -> parameter.node().path("in").asText().equals("path"))
                .count();

        // When
        Stream<Example> examples = examplesOf(operation);

        // Then
        assertThat(examples)
                .allSatisfy(example -> assertThat(example.parametersIn("path")).hasSize((int) parameters));
    }

    @ParameterizedTest
    @MethodSource("operations")
    void shouldHaveAnExampleOfEveryStatus(Operation operation) {
        // Given
        Set<String> statuses = operation.at().child("responses").children().keySet();

        // When
        Set<String> shown = examplesOf(operation)
                .map(example -> Integer.toString(example.status()))
                .collect(Collectors.toSet());

        // Then
        assertThat(shown).isEqualTo(statuses);
    }

    @Test
    void shouldHaveAnExampleOfEveryErrorCode() {
        // When
        Set<String> codes = DOCUMENT.examples().stream()
                .map(example -> example.value().path("code").textValue())
                .collect(Collectors.toSet());

        // Then
        assertThat(codes).containsAll(DOCUMENT.enumeration("/components/schemas/ErrorCode"));
    }

    @Test
    void shouldHaveEveryOperationInTheTableOfWhoMayDoWhat() {
        // When
        Stream<Operation> untold = DOCUMENT.operations().stream()
                .filter(operation -> AccessTable.routes().stream()
                        .noneMatch(route -> route.method().equals(operation.method())
                                && route.path()
                                        .split("\\?", 2)[0]
                                        .matches(operation.path().replaceAll("\\{\\w+}", "[^/]+"))));

        // Then
        assertThat(untold).isEmpty();
    }

    /** As far as this version has them: clients must tolerate those of later ones as well. */
    @Test
    void shouldListEveryReasonAndSource() {
        assertThat(DOCUMENT.enumeration("/components/schemas/DegradedReason"))
                .containsExactlyInAnyOrderElementsOf(Stream.of(DegradedReason.values())
                        .map(DegradedReason::code)
                        .toList());
        assertThat(DOCUMENT.enumeration("/components/schemas/ServedBy"))
                .containsAll(Stream.of(ServedBy.values()).map(ServedBy::code).toList());
    }

    @Test
    void shouldListEveryOperationOfACheck() {
        assertThat(DOCUMENT.enumeration("/components/schemas/CheckRequest/properties/operation"))
                .containsExactlyInAnyOrderElementsOf(Stream.concat(
                                Stream.of(dev.spendledger.api.decision.Operation.values())
                                        .map(operation -> operation.name().toLowerCase(Locale.ROOT)),
                                Stream.of("null"))
                        .toList());
    }

    @TestFactory
    Stream<DynamicTest> shouldKeepToItsOwnSchemaInEveryAnswer() {
        return DOCUMENT.examples().stream()
                .filter(example -> !example.contentType().isEmpty())
                .map(example -> DynamicTest.dynamicTest(
                        example.toString(),
                        () -> assertThat(DOCUMENT.violations(example.schema(), example.value()))
                                .isEmpty()));
    }

    @TestFactory
    Stream<DynamicTest> shouldKeepToItsOwnSchemaInEveryRequestThatSucceeds() {
        return DOCUMENT.examples().stream()
                .filter(example -> example.status() < 300)
                .filter(example -> DOCUMENT.bodyExample(example.operation(), example.name())
                        .isPresent())
                .map(example -> DynamicTest.dynamicTest(example.toString(), () -> {
                    At body = DOCUMENT.body(example.operation()).get("application/json");
                    JsonNode value =
                            body.child("examples").child(example.name()).node().get("value");
                    assertThat(DOCUMENT.violations(body.child("schema"), value)).isEmpty();
                }));
    }

    private static Stream<Example> examplesOf(Operation operation) {
        return DOCUMENT.examples().stream()
                .filter(example -> example.operation().equals(operation));
    }
}
