package dev.spendledger.demo.failover;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResultTest {
    @ParameterizedTest
    @CsvSource({
        "AT_MOST, 0, 0, true",
        "AT_MOST, 1, 0, false",
        "AT_MOST, 0.1, 0.1, true",
        "AT_MOST, 0.1001, 0.1, false",
        "AT_LEAST, 99.9, 99.9, true",
        "AT_LEAST, 99.8999, 99.9, false",
        "SHOWN, 1, 0, true"
    })
    void shouldJudgeAFigureByItsBound(Figure.Rule rule, double value, double bound, boolean ok) {
        assertThat(new Figure("any", value, "", rule, bound).ok()).isEqualTo(ok);
    }

    @Test
    void shouldPrintEachFigureWithWhatItHasToBe() {
        // Given
        Result result = new Result(
                Scenario.KILL,
                List.of(
                        Figure.atLeast("in time", 99.95, "%", 99.9),
                        Figure.none("allowed", 12_345),
                        Figure.shown("gap", 2_000, "ms")),
                Optional.empty());

        // When
        List<String> lines = printed(result);

        // Then
        assertThat(lines)
                .containsExactly(
                        "kill",
                        "  in time        99.950 %  at least 99.900 %",
                        "  allowed          12,345  0                   FAILED",
                        "  gap            2,000 ms",
                        "  FAILED",
                        "");
    }

    @Test
    void shouldBeOkWhenEveryFigureIs() {
        // When
        List<String> lines =
                printed(new Result(Scenario.ROLLING, List.of(Figure.none("allowed", 0)), Optional.empty()));

        // Then
        assertThat(lines).endsWith("  ok", "");
    }

    @Test
    void shouldFailAndSayWhyWhenItCouldNotBeGoneThrough() {
        // Given
        Result result = new Result(Scenario.BROKER, List.of(Figure.none("allowed", 0)), Optional.of("It hung"));

        // Then
        assertThat(result.ok()).isFalse();
        assertThat(printed(result)).contains("  It could not be gone through: It hung", "  FAILED");
        assertThat(result.asMap()).containsEntry("ok", false).containsEntry("failure", "It hung");
    }

    @Test
    void shouldGiveProgramsWhatPeopleRead() {
        // When
        Map<String, Object> map =
                new Result(Scenario.CUTOFF, List.of(Figure.atMost("gap", 5, "ms", 4)), Optional.empty()).asMap();

        // Then
        assertThat(map)
                .isEqualTo(Map.of(
                        "scenario",
                        "cutoff",
                        "ok",
                        false,
                        "figures",
                        List.of(Map.of(
                                "name", "gap", "value", 5.0, "unit", "ms", "required", "at most 4 ms", "ok", false))));
    }

    private static List<String> printed(Result result) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        result.print(out);
        out.flush();
        return List.of(text.toString().split(System.lineSeparator(), -1))
                .subList(0, (int) text.toString().lines().count());
    }
}
