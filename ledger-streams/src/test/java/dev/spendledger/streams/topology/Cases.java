package dev.spendledger.streams.topology;

import dev.spendledger.streams.topology.Story.Chat;
import dev.spendledger.streams.topology.Story.Limit;
import dev.spendledger.streams.topology.Story.Message;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;

/** What a story must tell of, to be worth telling. */
final class Cases {
    /** In how many of a hundred stories each must occur at least. */
    static final Map<String, Integer> LEAST_PERCENT = new TreeMap<>(Map.ofEntries(
            Map.entry("a depth of 50", 1),
            Map.entry("a fan-out of 40", 1),
            Map.entry("a circle", 10),
            Map.entry("messages below a chat nobody creates", 10),
            Map.entry("a redefined chat", 10),
            Map.entry("a limit that changes", 10),
            Map.entry("a limit on a child", 10),
            Map.entry("the same fact twice", 2),
            Map.entry("a revision up", 30),
            Map.entry("a revision down", 30),
            Map.entry("a tie of two costs", 30),
            Map.entry("an unpriced message", 30),
            Map.entry("a key that lies", 30),
            Map.entry("a message in two chats", 30),
            Map.entry("a misplaced record", 20),
            Map.entry("priced_at ahead", 20)));

    private Cases() {}

    static Map<String, Boolean> of(Story story) {
        Collection<Chat> chats = story.created().values();
        List<Message> messages = story.valid(Message.class);
        Set<Object> seen = new HashSet<>();
        Map<String, Boolean> cases = new TreeMap<>();
        cases.put("a depth of 50", chats.stream().anyMatch(chat -> depth(story, chat.id()) >= 50));
        cases.put(
                "a fan-out of 40",
                chats.stream()
                        .filter(chat -> chat.parent() != null)
                        .collect(Collectors.groupingBy(Chat::parent, Collectors.counting()))
                        .values()
                        .stream()
                        .anyMatch(children -> children >= 40));
        cases.put("a circle", chats.stream().anyMatch(chat -> story.hasNoRootForEver(chat.id())));
        cases.put(
                "messages below a chat nobody creates",
                messages.stream()
                        .anyMatch(message ->
                                story.rootOf(message.chat()) == null && !story.hasNoRootForEver(message.chat())));
        cases.put("a redefined chat", story.redefinitions().findAny().isPresent());
        cases.put(
                "a limit that changes",
                story.valid(Limit.class).stream()
                        .filter(limit -> limit.chat().equals(story.rootOf(limit.chat())))
                        .collect(Collectors.groupingBy(Limit::chat, Collectors.counting()))
                        .values()
                        .stream()
                        .anyMatch(times -> times > 1));
        cases.put(
                "a limit on a child",
                story.valid(Limit.class).stream()
                        .anyMatch(limit -> story.created().containsKey(limit.chat())
                                && story.created().get(limit.chat()).parent() != null));
        cases.put("the same fact twice", story.log().stream().anyMatch(told -> !seen.add(told.step())));
        cases.put(
                "a revision up",
                two(messages, (first, second) -> first.revision() < second.revision() && costs(first) < costs(second)));
        cases.put(
                "a revision down",
                two(messages, (first, second) -> first.revision() < second.revision() && costs(first) > costs(second)));
        cases.put(
                "a tie of two costs",
                two(
                        messages,
                        (first, second) ->
                                first.revision() == second.revision() && !Objects.equals(first.cost(), second.cost())));
        cases.put("an unpriced message", messages.stream().anyMatch(message -> message.cost() == null));
        cases.put(
                "a key that lies",
                messages.stream()
                        .anyMatch(message -> !message.key().equals(message.chat())
                                && !message.key().equals(story.rootOf(message.chat()))));
        cases.put(
                "a message in two chats",
                two(messages, (first, second) -> !first.chat().equals(second.chat())));
        cases.put("a misplaced record", story.log().stream().anyMatch(told -> told.astray() % story.partitions() != 0));
        cases.put(
                "priced_at ahead",
                story.log().stream().anyMatch(told -> told.step() instanceof Message message && !message.isValid()));
        return cases;
    }

    /** Whether there are two facts of one message of which this holds. */
    private static boolean two(List<Message> messages, BiPredicate<Message, Message> condition) {
        return messages.stream()
                .anyMatch(first -> messages.stream()
                        .anyMatch(second -> first.id().equals(second.id()) && condition.test(first, second)));
    }

    private static long costs(Message message) {
        return message.cost() == null ? 0 : message.cost();
    }

    private static int depth(Story story, String chat) {
        int depth = 0;
        String at = chat;
        while (story.rootOf(chat) != null && !at.equals(story.rootOf(chat))) {
            at = story.created().get(at).parent();
            depth++;
        }
        return depth;
    }
}
