package dev.spendledger.streams.topology;

import dev.spendledger.streams.domain.ChatSpend;
import dev.spendledger.streams.domain.Message;
import dev.spendledger.streams.domain.Totals;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What must be the same for the same facts in whatever order they came: all of the state but offsets (where the log has a limit) and the words for why a chat has no root.
 */
record Outcome(
        Map<String, Story.Tree> trees,
        Map<String, String> roots,
        Map<String, Totals> parked,
        Map<LedgerState.Pair, Message> messages,
        Map<String, Story.Sum> accountDays,
        List<String> deadLetters) {

    static Outcome of(LedgerState state, List<DeadLetter> deadLetters) {
        Map<String, Story.Tree> trees = new TreeMap<>();
        state.trees()
                .forEach((root, tree) -> trees.put(
                        root,
                        new Story.Tree(
                                tree.accountId(),
                                tree.limit().micros(),
                                sum(tree.totals()),
                                chats(state.chats(), root))));
        Map<String, String> roots = new TreeMap<>();
        Map<String, Totals> parked = new TreeMap<>();
        state.lineages().forEach((chat, lineage) -> {
            roots.put(chat, state.rootOf(chat));
            parked.put(chat, lineage.parked());
        });
        List<String> letters = deadLetters.stream()
                .map(letter -> letter.reason() + " " + new String(letter.key(), StandardCharsets.UTF_8) + " "
                        + Arrays.hashCode(letter.value()))
                .sorted()
                .toList();
        Map<String, Story.Sum> accountDays = new TreeMap<>();
        state.accountDays().forEach((at, day) -> accountDays.put(at.accountId() + " " + at.day(), sum(day.totals())));
        return new Outcome(trees, roots, parked, state.messages(), accountDays, letters);
    }

    private static Map<String, Story.Sum> chats(Map<LedgerState.Pair, ChatSpend> chats, String root) {
        Map<String, Story.Sum> ofRoot = new TreeMap<>();
        chats.forEach((key, chat) -> {
            if (key.first().equals(root)) {
                ofRoot.put(key.second(), sum(chat.totals()));
            }
        });
        return ofRoot;
    }

    private static Story.Sum sum(Totals totals) {
        return new Story.Sum(totals.sumMicros().longValueExact(), totals.pricedMessages(), totals.unpricedMessages());
    }
}
