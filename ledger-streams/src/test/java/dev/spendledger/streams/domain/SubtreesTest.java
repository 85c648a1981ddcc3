package dev.spendledger.streams.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SubtreesTest {
    private final Map<String, ChatSpend> chats = new LinkedHashMap<>();

    @Test
    void shouldSumAChatAndAllBelowIt() {
        // Given
        chat("c-1", null, 1);
        chat("c-2", "c-1", 10);
        chat("c-3", "c-1", 100);
        chat("c-4", "c-2", 1_000);

        // When
        Map<String, Totals> sums = Subtrees.of(chats);

        // Then
        assertThat(spent(sums)).isEqualTo(Map.of("c-1", 1_111L, "c-2", 1_010L, "c-3", 100L, "c-4", 1_000L));
        assertThat(sums.get("c-1").pricedMessages()).isEqualTo(4);
    }

    @Test
    void shouldSumAsDeepAsATreeMayBe() {
        // Given
        chat("c-0", null, 1);
        IntStream.rangeClosed(1, Ranges.MAX_DEPTH).forEach(i -> chat("c-" + i, "c-" + (i - 1), 1));

        // When
        Map<String, Totals> sums = Subtrees.of(chats);

        // Then
        assertThat(sums.get("c-0").spentMicros()).isEqualTo(Ranges.MAX_DEPTH + 1L);
        assertThat(sums.get("c-" + Ranges.MAX_DEPTH).spentMicros()).isEqualTo(1);
    }

    @Test
    void shouldLeaveOutWhatHangsBelowAChatThatIsMissing() {
        // Given
        chat("c-1", null, 1);
        chat("c-3", "c-2", 10);
        chat("c-4", "c-3", 100);

        // When
        Map<String, Totals> sums = Subtrees.of(chats);

        // Then
        assertThat(spent(sums)).isEqualTo(Map.of("c-1", 1L, "c-3", 110L, "c-4", 100L));
    }

    @Test
    void shouldHaveNoSumsOfNoChats() {
        assertThat(Subtrees.of(Map.of())).isEmpty();
    }

    @Property
    void shouldSumAsOneWhoGoesUpFromEachChat(@ForAll @IntRange(min = 1, max = 60) int size, @ForAll long seed) {
        // Given
        Random random = new Random(seed);
        chat("c-0", null, random.nextInt(100));
        IntStream.range(1, size).forEach(i -> chat("c-" + i, "c-" + random.nextInt(i), random.nextInt(100)));
        Map<String, Long> expected = new HashMap<>();
        chats.forEach((chatId, chat) -> {
            for (String at = chatId; at != null; at = chats.get(at).parentChatId()) {
                expected.merge(at, chat.totals().spentMicros(), Long::sum);
            }
        });
        List<String> anyOrder = new ArrayList<>(chats.keySet());
        Collections.shuffle(anyOrder, random);
        Map<String, ChatSpend> shuffled = new LinkedHashMap<>();
        anyOrder.forEach(chatId -> shuffled.put(chatId, chats.get(chatId)));

        // When
        Map<String, Totals> sums = Subtrees.of(shuffled);

        // Then
        assertThat(spent(sums)).isEqualTo(expected);
    }

    private void chat(String chatId, String parentChatId, long micros) {
        chats.put(
                chatId, new ChatSpend(parentChatId, "a-1", new Totals(BigInteger.valueOf(micros), 1, 0), Models.NONE));
    }

    private static Map<String, Long> spent(Map<String, Totals> sums) {
        Map<String, Long> spent = new HashMap<>();
        sums.forEach((chatId, sum) -> spent.put(chatId, sum.spentMicros()));
        return spent;
    }
}
