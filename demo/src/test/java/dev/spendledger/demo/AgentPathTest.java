package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class AgentPathTest {
    @Test
    void shouldNameTheRootChatItself() {
        assertThat(AgentPath.ROOT.chatId("chat-1")).isEqualTo("chat-1");
        assertThat(AgentPath.ROOT.depth()).isZero();
    }

    @Test
    void shouldNameAChatByTheWayToIt() {
        // When
        AgentPath path = AgentPath.ROOT.child(2).child(1).child(12);

        // Then
        assertThat(path).isEqualTo(new AgentPath(List.of(2, 1, 12)));
        assertThat(path.chatId("chat-1")).isEqualTo("chat-1.2.1.12");
        assertThat(path.depth()).isEqualTo(3);
    }
}
