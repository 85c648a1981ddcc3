package dev.spendledger.streams.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.streams.domain.Resolution.Question;
import dev.spendledger.streams.domain.Resolution.Step;
import dev.spendledger.streams.domain.Root.Rooted;
import dev.spendledger.streams.domain.Root.Unrooted;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResolutionTest {

    // ---- one step ----

    @Test
    void shouldWaitAtAChatThatIsNotCreated() {
        assertThat(Resolution.step("c-1", Lineage.HEARD_OF, Question.by("c-2"))).isEqualTo(new Step.Wait());
    }

    @Test
    void shouldTravelOnFromAChatThatDoesNotKnowItsRoot() {
        assertThat(Resolution.step("c-2", child("c-2", "c-1"), new Question("c-9", 7)))
                .isEqualTo(new Step.TravelOn("c-1", new Question("c-9", 8)));
    }

    @ParameterizedTest
    @CsvSource({"0, 1, 1", "5, 3, 8", "0, 1000, 1000", "999, 1, 1000"})
    void shouldAddTheHopsToTheDepthOfAnAncestorThatKnowsItsRoot(int depth, int hops, int sum) {
        assertThat(Resolution.step("c-2", rooted("c-2", depth), new Question("c-9", hops)))
                .isEqualTo(new Step.Answer(new Rooted("c-1", sum)));
    }

    @ParameterizedTest
    @CsvSource({"0, 1001", "1000, 1", "500, 501"})
    void shouldFindNoRootDeeperThanAThousandParents(int depth, int hops) {
        assertUnrooted(Resolution.step("c-2", rooted("c-2", depth), new Question("c-9", hops)), "1000 parents");
    }

    @Test
    void shouldFindNoRootWhenTheQuestionHasTravelledAThousandParents() {
        assertThat(Resolution.step("c-2", child("c-2", "c-1"), new Question("c-9", 999)))
                .isEqualTo(new Step.TravelOn("c-1", new Question("c-9", 1_000)));
        assertUnrooted(Resolution.step("c-2", child("c-2", "c-1"), new Question("c-9", 1_000)), "1000 parents");
    }

    @Test
    void shouldFindNoRootWhenTheQuestionIsBackAtItsOrigin() {
        assertUnrooted(Resolution.step("c-2", child("c-2", "c-1"), new Question("c-2", 3)), "back to itself");
    }

    @Test
    void shouldFindNoRootBelowAnAncestorWithoutOne() {
        // Given
        Lineage unrooted = child("c-2", "c-1").withRoot(new Unrooted("circle"));

        // When
        Step step = Resolution.step("c-2", unrooted, new Question("c-9", 1));

        // Then
        assertUnrooted(step, "c-2");
    }

    private static void assertUnrooted(Step step, String why) {
        assertThat(step)
                .isInstanceOfSatisfying(
                        Step.Answer.class,
                        answer -> assertThat(answer.root())
                                .isInstanceOfSatisfying(
                                        Unrooted.class,
                                        unrooted -> assertThat(unrooted.why()).contains(why)));
    }

    private static Lineage child(String chatId, String parentChatId) {
        return Lineage.HEARD_OF.withCreated(new ChatFact(chatId, parentChatId, "a-1", null, Instant.EPOCH));
    }

    private static Lineage rooted(String chatId, int depth) {
        return depth == 0
                ? child(chatId, null).withRoot(new Rooted("c-1", 0))
                : child(chatId, "c-1").withRoot(new Rooted("c-1", depth));
    }

    // ---- all steps together, in any order ----

    /** Small and tangled: circles, chains into circles, parents that nobody ever creates. */
    @Property(tries = 1_000)
    @Tag("P05")
    void shouldComeToWhatAWalkUpTheParentsFindsInAnyOrder(
            @ForAll("tangles") Map<Integer, Integer> parents, @ForAll Random order) {
        assertResolvedAsWalked(parents, order);
    }

    @Provide
    Arbitrary<Map<Integer, Integer>> tangles() {
        Arbitrary<Integer> parent = Arbitraries.integers().between(-1, 9);
        return parent.list().ofMinSize(1).ofMaxSize(8).map(list -> {
            Map<Integer, Integer> parents = new LinkedHashMap<>();
            for (int chat = 0; chat < list.size(); chat++) {
                // Its own parent would be rejected before it gets here.
                parents.put(chat, list.get(chat) == chat ? ROOT : list.get(chat));
            }
            return parents;
        });
    }

    /** A chain around the greatest depth, with its top a root, a circle or missing. */
    @Property(tries = 8)
    @Tag("P05")
    void shouldComeToWhatAWalkFindsAroundTheGreatestDepth(
            @ForAll @IntRange(min = 995, max = 1_010) int length,
            @ForAll @IntRange(min = -1, max = 1) int top,
            @ForAll Random order) {
        Map<Integer, Integer> parents = new HashMap<>();
        for (int chat = 1; chat <= length; chat++) {
            parents.put(chat, chat - 1);
        }
        switch (top) {
            case -1 -> parents.put(0, ROOT);
            case 0 -> parents.put(0, 2);
            default -> {
                // Nobody ever creates it.
            }
        }

        assertResolvedAsWalked(parents, order);
    }

    private static final int ROOT = -1;

    private static void assertResolvedAsWalked(Map<Integer, Integer> parents, Random order) {
        Map<String, String> resolved = new Simulation(parents, order).run();
        Map<String, String> walked = new HashMap<>();
        parents.keySet().forEach(chat -> walked.put("c-" + chat, walk(parents, chat)));

        assertThat(resolved).isEqualTo(walked);
    }

    /** What the parents alone say: the oracle. */
    private static String walk(Map<Integer, Integer> parents, int chat) {
        int at = chat;
        for (int depth = 0; depth <= 1_000; depth++) {
            if (!parents.containsKey(at)) {
                return "not known";
            }
            if (parents.get(at) == ROOT) {
                return "root c-" + at + " depth " + depth;
            }
            at = parents.get(at);
            if (at == chat) {
                return "no root";
            }
        }
        return "no root";
    }

    /**
     * The chats, asking and answering, each word between them taken from the bag at random: less order than any log keeps.
     */
    private static final class Simulation {
        private final Map<String, Lineage> lineages = new HashMap<>();
        private final Map<String, List<Question>> waiting = new HashMap<>();
        private final List<Runnable> bag = new ArrayList<>();
        private final Random order;

        Simulation(Map<Integer, Integer> parents, Random order) {
            this.order = order;
            parents.forEach(
                    (chat, parent) -> bag.add(() -> create("c-" + chat, parent == ROOT ? null : "c-" + parent)));
        }

        Map<String, String> run() {
            while (!bag.isEmpty()) {
                int any = order.nextInt(bag.size());
                Runnable next = bag.get(any);
                bag.set(any, bag.get(bag.size() - 1));
                bag.remove(bag.size() - 1);
                next.run();
            }
            Map<String, String> outcome = new HashMap<>();
            lineages.forEach((chat, lineage) -> outcome.put(chat, describe(lineage)));
            return outcome;
        }

        private void create(String chatId, String parentChatId) {
            lineages.put(chatId, child(chatId, parentChatId));
            if (parentChatId != null) {
                ask(parentChatId, Question.by(chatId));
            }
            List<Question> questions = waiting.remove(chatId);
            if (questions != null) {
                questions.forEach(question -> ask(chatId, question));
            }
        }

        private void ask(String askedChatId, Question question) {
            bag.add(() -> {
                Step step =
                        Resolution.step(askedChatId, lineages.getOrDefault(askedChatId, Lineage.HEARD_OF), question);
                if (step instanceof Step.Wait) {
                    waiting.computeIfAbsent(askedChatId, chat -> new ArrayList<>())
                            .add(question);
                } else if (step instanceof Step.TravelOn travel) {
                    ask(travel.parentChatId(), travel.question());
                } else if (step instanceof Step.Answer answer) {
                    bag.add(() -> answered(question.originChatId(), answer.root()));
                }
            });
        }

        private void answered(String chatId, Root root) {
            assertThat(lineages.get(chatId).root())
                    .as("asked once, answered once")
                    .isNull();
            lineages.computeIfPresent(chatId, (chat, lineage) -> lineage.withRoot(root));
        }

        private static String describe(Lineage lineage) {
            if (lineage.root() instanceof Rooted rooted) {
                return "root " + rooted.rootChatId() + " depth " + rooted.depth();
            }
            return lineage.root() instanceof Unrooted ? "no root" : "not known";
        }
    }
}
