package dev.spendledger.demo;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where in its tree an agent is.
 *
 * @param children which child of which child: empty for the root chat's agent, (2, 1) for the first child of the root's second
 */
record AgentPath(List<Integer> children) {
    static final AgentPath ROOT = new AgentPath(List.of());

    AgentPath {
        children = List.copyOf(children);
    }

    /** The path of one of the agents that this one spawns, counted from 1. */
    AgentPath child(int number) {
        return new AgentPath(Stream.concat(children.stream(), Stream.of(number)).toList());
    }

    /** How many generations below the root's agent. */
    int depth() {
        return children.size();
    }

    /** The id of the agent's chat, such as {@code chat-1.2.1}. */
    String chatId(String rootChatId) {
        return children.stream().map(child -> "." + child).collect(Collectors.joining("", rootChatId, ""));
    }
}
