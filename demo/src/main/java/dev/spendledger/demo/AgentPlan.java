package dev.spendledger.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What an agent does as long as nobody stops it. Every agent spawns at least two, so a tree of them has no end of its own.
 *
 * <p>A plan depends on nothing but the seed and the agent's path, so a seed always makes the same tree. How far it gets
 * before it is stopped is up to the threads.
 */
record AgentPlan(List<Step> steps) {
    private static final int MESSAGES_LEAST = 3;
    private static final int MESSAGES_MOST = 6;
    private static final int CHILDREN_LEAST = 2;
    private static final int CHILDREN_MOST = 3;

    AgentPlan {
        steps = List.copyOf(steps);
    }

    /** Something that costs money, now or later. */
    sealed interface Step {}

    /** A message that a model writes. */
    record Message(Model model, int inputTokens, int outputTokens) implements Step {
        long costMicros() {
            return model.costMicros(inputTokens, outputTokens);
        }

        /** How long the model takes: some 30 ms, and its time for every token. Real ones take a hundred times as long. */
        Duration latency() {
            return Duration.ofMillis(30 + outputTokens / 6);
        }
    }

    /**
     * A part of the work is given to another agent.
     *
     * @param child which of this agent's own it is, counted from 1
     */
    record Spawn(int child) implements Step {}

    static AgentPlan of(long seed, AgentPath path) {
        SplittableRandom random = random(seed, path);
        int messages = random.nextInt(MESSAGES_LEAST, MESSAGES_MOST + 1);
        int children = random.nextInt(CHILDREN_LEAST, CHILDREN_MOST + 1);
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            steps.add(message(random, i));
            if (i < children) {
                steps.add(new Spawn(i + 1));
            }
        }
        return new AgentPlan(steps);
    }

    private static Message message(SplittableRandom random, int messagesBefore) {
        Model model = Model.values()[random.nextInt(Model.values().length)];
        // A model is sent the whole chat each time, so the input grows with it.
        int inputTokens = 1_000 + 800 * messagesBefore + random.nextInt(1_500);
        int outputTokens = 100 + random.nextInt(800);
        return new Message(model, inputTokens, outputTokens);
    }

    private static SplittableRandom random(long seed, AgentPath path) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int child : path.children()) {
            random = new SplittableRandom(random.nextLong() + child);
        }
        return random;
    }
}
