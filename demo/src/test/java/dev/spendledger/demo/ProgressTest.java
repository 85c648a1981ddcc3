package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.demo.LedgerClient.TreeSpend;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressTest {
    private static final long LIMIT_MICROS = 5_000_000;

    private final StringWriter text = new StringWriter();
    private final PrintWriter out = new PrintWriter(text);

    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = false, textBlock = """
            0      |0   |0    |    0 chats      0 messages  0.00 of 5.00 spent  [....................]   0 %
            249999 |1   |7    |    1 chats      7 messages  0.24 of 5.00 spent  [....................]   4 %
            250000 |1   |8    |    1 chats      8 messages  0.25 of 5.00 spent  [#...................]   5 %
            4999999|150 |1234 |  150 chats   1234 messages  4.99 of 5.00 spent  [###################.]  99 %
            5000000|150 |1235 |  150 chats   1235 messages  5.00 of 5.00 spent  [####################] 100 %
            5100000|151 |1236 |  151 chats   1236 messages  5.10 of 5.00 spent  [####################] 102 %
            """)
    void shouldShowHowMuchOfTheLimitIsSpent(String spentMicros, String chats, String messages, String line) {
        // Given
        TreeSpend spend = new TreeSpend(number(spentMicros), number(chats), number(messages));

        // When
        String shown = Progress.line(spend, LIMIT_MICROS);

        // Then
        assertThat(shown).isEqualTo(line).hasSizeLessThan(80);
    }

    private static long number(String text) {
        return Long.parseLong(text.strip());
    }

    @Test
    void shouldRedrawItsLineOnATerminalAndLeaveItAtTheEnd() {
        // When
        try (Progress progress = new Progress(out, true, LIMIT_MICROS)) {
            progress.show(new TreeSpend(1_000_000, 1, 1));
            progress.show(new TreeSpend(2_000_000, 2, 2));
        }

        // Then
        assertThat(text.toString())
                .isEqualTo("\r    1 chats      1 messages  1.00 of 5.00 spent  [####................]  20 %\033[K"
                        + "\r    2 chats      2 messages  2.00 of 5.00 spent  [########............]  40 %\033[K"
                        + System.lineSeparator());
    }

    @Test
    void shouldPrintLineAfterLineElsewhere() {
        // When
        try (Progress progress = new Progress(out, false, LIMIT_MICROS)) {
            progress.show(new TreeSpend(1_000_000, 1, 1));
            progress.show(new TreeSpend(2_000_000, 2, 2));
        }

        // Then
        assertThat(text.toString().lines())
                .containsExactly(
                        "    1 chats      1 messages  1.00 of 5.00 spent  [####................]  20 %",
                        "    2 chats      2 messages  2.00 of 5.00 spent  [########............]  40 %");
    }

    @Test
    void shouldPrintNoEmptyLineIfItNeverShowedAnything() {
        // When
        new Progress(out, true, LIMIT_MICROS).close();

        // Then
        assertThat(text.toString()).isEmpty();
    }
}
