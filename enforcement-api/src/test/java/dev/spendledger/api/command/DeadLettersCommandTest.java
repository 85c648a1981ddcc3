package dev.spendledger.api.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.api.testing.CommandRun;
import dev.spendledger.streams.domain.RejectReason;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of a command line of {@code ledger dead-letters} that cannot be right, before Kafka is asked. */
class DeadLettersCommandTest {

    @Test
    void shouldNameTheRightReasonsForOneThatIsNone() {
        // When
        CommandRun run = run("--reason", "unreadible");

        // Then
        assertThat(run.status()).isEqualTo(LedgerCommand.EXIT_USAGE);
        assertThat(firstLine(run)).contains("--reason", "\"unreadible\"");
        assertThat(Stream.of(RejectReason.values()).map(RejectReason::code))
                .allSatisfy(reason -> assertThat(firstLine(run)).contains(reason));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --topic tree-status     | --topic  | one of chats, priced-messages, chat-limits, ledger-routing
            --topic eu.chats        | --topic  | one of chats, priced-messages, chat-limits, ledger-routing
            --since yesterday       | --since  | RFC 3339
            --since 2026-11-23      | --since  | RFC 3339
            --until 12:00           | --until  | RFC 3339
            --record chats          | --record | TOPIC-PARTITION@OFFSET
            --record chats-1        | --record | TOPIC-PARTITION@OFFSET
            --record chats-1@1      | --record | one of eu.account-deltas, eu.account-groups, eu.account-limits, eu.chat-freezes, eu.chat-limits, eu.chats, eu.ledger-routing, eu.priced-messages
            --limit 0               | --limit  | 1 or more
            --limit some            | --limit  | int
            --all                   | --all    | --replay
            --dry-run               | --dry-run | --replay
            --replay                | --replay | --all
            --replay --dry-run      | --replay | --all
            --replay --limit 5      | --replay | --all
            --replay --all --chat c | --all    | leave it out
            """)
    void shouldNameWhatIsWrongAndSayWhatWouldBeRight(String arguments, String wrong, String right) {
        // When
        CommandRun run = run(arguments.split(" "));

        // Then
        assertThat(run.status()).isEqualTo(LedgerCommand.EXIT_USAGE);
        assertThat(firstLine(run)).contains(wrong, right);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void shouldWantAFolderOfALedgerThatRuns(@TempDir Path dataDir) {
        // When
        CommandRun run = CommandRun.of("dead-letters", "--data-dir", dataDir.toString());

        // Then
        assertThat(run.status()).isEqualTo(LedgerCommand.EXIT_USAGE);
        assertThat(run.err()).contains("dev.properties");
    }

    @Test
    void shouldSayInItsHelpWhatAReplayDoes() {
        // When
        CommandRun run = run("--help");

        // Then
        assertThat(run.status()).isZero();
        assertThat(run.out()).contains("replaying them again", "the last in the log", "--dry-run");
    }

    private static CommandRun run(String... arguments) {
        return CommandRun.of(Stream.concat(
                        Stream.of("dead-letters", "--bootstrap-servers=127.0.0.1:1", "--topic-prefix=eu."),
                        Stream.of(arguments))
                .toArray(String[]::new));
    }

    private static String firstLine(CommandRun run) {
        return run.err().lines().findFirst().orElse("");
    }
}
