package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelTest {
    private static final int MILLION = 1_000_000;

    @ParameterizedTest
    @CsvSource({
        "CLAUDE_SONNET_4, claude-sonnet-4, 3000000, 15000000",
        "GEMINI_2_5_PRO, gemini-2.5-pro, 1250000, 10000000",
        "GPT_4_1, gpt-4.1, 2000000, 8000000",
        "GPT_4_1_MINI, gpt-4.1-mini, 400000, 1600000",
    })
    void shouldCostTheListPriceForAMillionTokens(Model model, String id, long inputMicros, long outputMicros) {
        assertThat(model.id()).isEqualTo(id);
        assertThat(model.costMicros(MILLION, 0)).isEqualTo(inputMicros);
        assertThat(model.costMicros(0, MILLION)).isEqualTo(outputMicros);
    }

    @ParameterizedTest
    @CsvSource({
        "GPT_4_1_MINI, 0, 0, 0",
        "GPT_4_1_MINI, 1, 0, 1", // 0.4
        "GPT_4_1_MINI, 0, 1, 2", // 1.6
        "GPT_4_1_MINI, 1, 1, 2", // 2.0: rounded is the sum, not each part
        "GPT_4_1_MINI, 5, 0, 2", // 2.0
        "GEMINI_2_5_PRO, 1, 0, 2", // 1.25
        "GEMINI_2_5_PRO, 3, 2, 24", // 23.75
        "CLAUDE_SONNET_4, 1234, 567, 12207",
    })
    void shouldRoundACostUpToTheNextMicro(Model model, int inputTokens, int outputTokens, long costMicros) {
        assertThat(model.costMicros(inputTokens, outputTokens)).isEqualTo(costMicros);
    }

    @Test
    void shouldNotOverflowForTheLargestCounts() {
        assertThat(Stream.of(Model.values()))
                .allSatisfy(model -> assertThat(model.costMicros(Integer.MAX_VALUE, Integer.MAX_VALUE))
                        .isPositive());
    }
}
