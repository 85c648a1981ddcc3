package dev.spendledger.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.spendledger.api.decision.Decider.LookupErrorPolicy;
import dev.spendledger.api.testing.FakeFreezes;
import dev.spendledger.api.testing.FakeLimits;
import dev.spendledger.api.testing.FakeReader;
import dev.spendledger.api.testing.RawHttp;
import dev.spendledger.api.testing.RawHttp.Answer;
import dev.spendledger.api.testing.StubLedger;
import dev.spendledger.api.testing.StubLedger.FixedHealth;
import dev.spendledger.api.testing.StubLedger.StubStreams;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BodyBudgetTest {
    private static final String HALF =
            " HTTP/1.1\r\nHost: ledger\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{";
    private static final String SMALL = "POST /v1/chats/c-1/check HTTP/1.1\r\nHost: ledger\r\n"
            + "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

    private static StubLedger ledger;

    @BeforeAll
    static void start() {
        ledger = StubLedger.start(
                Access.OPEN,
                new FakeReader().root("c-1", 5L),
                new FakeLimits().view(),
                new FakeFreezes().view(),
                LookupErrorPolicy.OPEN,
                new FixedHealth(List.of(), List.of()),
                new BodyBudget(1_500),
                StubStreams.empty());
    }

    @AfterAll
    static void stop() {
        ledger.close();
    }

    @Test
    void shouldReadNoBodyThatThereIsNoRoomForUntilAnotherIsAnsweredOrGone() throws IOException {
        // Given
        RawHttp first = new RawHttp(ledger.port());
        first.send("POST /v1/messages" + HALF);
        await().atMost(Duration.ofSeconds(10))
                .until(() -> RawHttp.exchange(ledger.port(), "POST /v1/messages" + HALF)
                                .status()
                        == 503);

        // When
        Answer refused = RawHttp.exchange(ledger.port(), "POST /v1/chats" + HALF);
        int small = RawHttp.exchange(ledger.port(), SMALL).status();
        first.abort();

        // Then
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.json().get("code").textValue()).isEqualTo("overloaded");
        assertThat(refused.headers()).containsEntry("retry-after", "1");
        assertThat(small).isEqualTo(200);
        await().atMost(Duration.ofSeconds(10))
                .until(() -> RawHttp.exchange(ledger.port(), "POST /v1/messages" + HALF)
                                .status()
                        == 408);
    }

    /** Which anybody may ask, and as often as he likes. */
    @Test
    void shouldTakeNoBodyWhereNoneIsWanted() throws IOException {
        // When
        Answer answer = RawHttp.exchange(
                ledger.port(), "GET /livez HTTP/1.1\r\nHost: ledger\r\nContent-Length: 2000000\r\n\r\n{");

        // Then
        assertThat(answer.status()).isEqualTo(200);
    }

    @Test
    void shouldTakeAsMuchForABodyOfUnknownLengthAsAnyMayHave() throws IOException {
        // When
        Answer answer = RawHttp.exchange(
                ledger.port(),
                "POST /v1/messages HTTP/1.1\r\nHost: ledger\r\nContent-Type: application/json\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n");

        // Then
        assertThat(answer.status()).isEqualTo(503);
    }
}
