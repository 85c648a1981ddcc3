package dev.spendledger.demo.failover;

import static dev.spendledger.demo.failover.Trees.tree;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spendledger.demo.failover.Tree.State;
import org.junit.jupiter.api.Test;

class AnswerTest {
    private final Tree tree = tree(State.WITHIN, 0);

    private Answer answer(int status, String json) throws JsonProcessingException {
        return Answer.of(tree, 2, 1_000, 5, status, new ObjectMapper().readTree(json));
    }

    @Test
    void shouldReadAnAllowedCheck() throws Exception {
        // When
        Answer answer = answer(200, """
                {"allowed": true, "chat_id": "child", "root_chat_id": "root", "account_id": "a",
                 "scopes": [{"scope": "account_period", "period": "month", "spent_micros": 7, "limit_micros": 9},
                            {"scope": "chat_lifetime", "spent_micros": 650000, "limit_micros": 1000000}],
                 "served_by": "peer", "as_of": "1970-01-01T00:00:01.234Z", "lag_ms": 2, "degraded": false}
                """);

        // Then
        assertThat(answer).isEqualTo(new Answer(tree, 2, 1_000, 5, 200, "peer", "", 1_234, 650_000));
        assertThat(answer.isAllowed()).isTrue();
        assertThat(answer.isFresh()).isTrue();
        assertThat(answer.showsTotal()).isTrue();
    }

    @Test
    void shouldReadADegradedCheck() throws Exception {
        // When
        Answer answer = answer(200, """
                {"allowed": true, "scopes": [], "served_by": "none", "degraded": true, "degraded_reason": "rebalancing"}
                """);

        // Then
        assertThat(answer).isEqualTo(new Answer(tree, 2, 1_000, 5, 200, "none", "rebalancing", -1, -1));
        assertThat(answer.isDegraded()).isTrue();
        assertThat(answer.isFresh()).isFalse();
        assertThat(answer.showsTotal()).isFalse();
    }

    @Test
    void shouldTakeNoStandbysWordForFresh() throws Exception {
        assertThat(answer(200, "{\"served_by\": \"standby\", \"degraded\": false}")
                        .isFresh())
                .isFalse();
    }

    @Test
    void shouldReadARejection() throws Exception {
        // When
        Answer answer = answer(409, """
                {"code": "spend_limit_exceeded", "scope": "chat_lifetime", "spent_micros": 1000000,
                 "limit_micros": 1000000, "served_by": "owner"}
                """);

        // Then
        assertThat(answer).isEqualTo(new Answer(tree, 2, 1_000, 5, 409, "owner", "", -1, -1));
        assertThat(answer.isRejected()).isTrue();
        assertThat(answer.isFresh()).isTrue();
        assertThat(answer.showsTotal()).isFalse();
    }

    @Test
    void shouldReadNoMoreThanTheStatusOfAnError() throws Exception {
        assertThat(answer(503, "{\"code\": \"lookup_failed\"}"))
                .isEqualTo(new Answer(tree, 2, 1_000, 5, 503, "", "", -1, -1));
        assertThat(answer(500, "").isFresh()).isFalse();
    }
}
