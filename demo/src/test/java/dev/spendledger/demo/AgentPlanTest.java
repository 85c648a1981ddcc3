package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.demo.AgentPlan.Message;
import dev.spendledger.demo.AgentPlan.Spawn;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AgentPlanTest {
    private static final AgentPath SOMEWHERE = AgentPath.ROOT.child(2).child(1);
    private static final long LIMIT_MICROS = 5_000_000;

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, 42, Long.MAX_VALUE, Long.MIN_VALUE})
    void shouldBeTheSameEachTimeForASeed(long seed) {
        assertThat(AgentPlan.of(seed, SOMEWHERE)).isEqualTo(AgentPlan.of(seed, SOMEWHERE));
    }

    /** Written down here, so that a seed that somebody has noted still makes the same tree in a later version. */
    @Test
    void shouldBeTheSameForASeedInEveryVersion() {
        assertThat(AgentPlan.of(1, AgentPath.ROOT).steps())
                .containsExactly(
                        new Message(Model.GPT_4_1, 2_237, 711),
                        new Spawn(1),
                        new Message(Model.CLAUDE_SONNET_4, 2_670, 497),
                        new Spawn(2),
                        new Message(Model.GPT_4_1, 3_206, 322),
                        new Spawn(3),
                        new Message(Model.GEMINI_2_5_PRO, 3_412, 804));
        assertThat(stepsOf(AgentPlan.of(1, SOMEWHERE), Message.class).get(0))
                .isEqualTo(new Message(Model.GPT_4_1_MINI, 1_066, 170));
    }

    @Test
    void shouldDifferBetweenSeeds() {
        assertThat(IntStream.range(0, 1_000).mapToObj(seed -> AgentPlan.of(seed, SOMEWHERE)))
                .doesNotHaveDuplicates();
    }

    @Test
    void shouldDifferBetweenTheAgentsOfATree() {
        // Given
        List<AgentPath> paths = new ArrayList<>(List.of(AgentPath.ROOT));
        for (int i = 0; i < 400; i++) {
            paths.add(paths.get(i).child(1));
            paths.add(paths.get(i).child(2));
        }

        // When
        List<AgentPlan> plans =
                paths.stream().map(path -> AgentPlan.of(1, path)).toList();

        // Then
        assertThat(plans).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void shouldBeginWithAMessageAndSpawnAtLeastTwoAgents(long seed) {
        // When
        AgentPlan plan = AgentPlan.of(seed, SOMEWHERE);

        // Then
        assertThat(plan.steps().get(0)).isInstanceOf(Message.class);
        List<Spawn> spawns = stepsOf(plan, Spawn.class);
        assertThat(spawns).hasSizeGreaterThanOrEqualTo(2);
        assertThat(spawns)
                .isEqualTo(IntStream.rangeClosed(1, spawns.size())
                        .mapToObj(Spawn::new)
                        .toList());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void shouldKeepAModelBusyForTensOfMilliseconds(long seed) {
        assertThat(stepsOf(AgentPlan.of(seed, SOMEWHERE), Message.class))
                .allSatisfy(message ->
                        assertThat(message.latency()).isBetween(Duration.ofMillis(30), Duration.ofMillis(200)));
    }

    /** However the agents take turns: here the oldest is done before the next begins, which makes the flattest tree. */
    @Test
    void shouldReachTheLimitAtADepthOfFourOrMoreWhateverTheSeed() {
        assertThat(IntStream.rangeClosed(-100, 100))
                .allSatisfy(seed -> assertThat(depthAtLimit(seed)).isGreaterThanOrEqualTo(4));
    }

    private static int depthAtLimit(long seed) {
        Queue<AgentPath> waiting = new ArrayDeque<>(List.of(AgentPath.ROOT));
        long spentMicros = 0;
        int depth = 0;
        while (spentMicros < LIMIT_MICROS) {
            AgentPath path = waiting.remove();
            depth = path.depth();
            AgentPlan plan = AgentPlan.of(seed, path);
            for (Message message : stepsOf(plan, Message.class)) {
                spentMicros += message.costMicros();
            }
            for (Spawn spawn : stepsOf(plan, Spawn.class)) {
                waiting.add(path.child(spawn.child()));
            }
        }
        return depth;
    }

    private static <T> List<T> stepsOf(AgentPlan plan, Class<T> kind) {
        return plan.steps().stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
