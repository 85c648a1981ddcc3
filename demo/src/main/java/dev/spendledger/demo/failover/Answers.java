package dev.spendledger.demo.failover;

import dev.spendledger.demo.failover.Tree.State;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * All answers of a scenario, and what they come to.
 *
 * @param answers in any order
 * @param fromMs when the first check was due, in milliseconds since 1970
 * @param toMs when the last was
 */
record Answers(List<Answer> answers, long fromMs, long toMs) {
    private static final int SERVER_ERROR = 500;
    private static final double PERCENT = 100;

    Answers {
        answers = List.copyOf(answers);
    }

    /**
     * Answers that show less than was acknowledged before their own {@code as_of}.
     *
     * @param count how many
     * @param mostMicros what the worst of them lacked
     * @param mostMs how long before its {@code as_of} the oldest message that one of them lacked had been acknowledged
     */
    record Shortfall(long count, long mostMicros, long mostMs) {}

    long count(Predicate<Answer> which) {
        return answers.stream().filter(which).count();
    }

    long allowedOfExhausted() {
        return count(Answers::isAllowedOfExhausted);
    }

    /** Some checks of exhausted trees that were allowed, the first ones. */
    List<Answer> examplesAllowedOfExhausted(int most) {
        return answers.stream()
                .filter(Answers::isAllowedOfExhausted)
                .sorted(Comparator.comparingLong(Answer::askedMs))
                .limit(most)
                .toList();
    }

    private static boolean isAllowedOfExhausted(Answer answer) {
        return answer.tree().state() == State.EXHAUSTED && answer.isAllowed();
    }

    long rejectedOfWithin() {
        return count(answer -> answer.tree().state() == State.WITHIN && answer.isRejected());
    }

    long serverErrors() {
        return count(answer -> answer.status() >= SERVER_ERROR);
    }

    /** Answers that a check never gives to a right request. */
    long otherStatuses() {
        return count(answer ->
                answer.isAnswered() && answer.status() < SERVER_ERROR && !answer.isAllowed() && !answer.isRejected());
    }

    long unanswered() {
        return count(answer -> !answer.isAnswered());
    }

    /** The share of checks answered within a time, in percent; what was not answered was not answered in time. */
    double percentWithin(Duration time) {
        return percent(answer -> answer.isAnswered() && answer.latencyMicros() <= micros(time));
    }

    /** The share of checks, in percent; 100 if there are none. */
    double percent(Predicate<Answer> which) {
        return answers.isEmpty() ? PERCENT : PERCENT * count(which) / answers.size();
    }

    private static long micros(Duration time) {
        return time.toNanos() / 1_000;
    }

    /** The latency that a share of the answered checks, 0 to 1, did not exceed, in milliseconds; 0 if there are none. */
    double latencyMs(double share) {
        long[] sorted = latencies(answer -> true).sorted().toArray();
        return sorted.length == 0 ? 0 : sorted[(int) Math.ceil(share * (sorted.length - 1))] / 1_000.0;
    }

    /** The longest latency of answers of a kind, in milliseconds; 0 if there are none. */
    double longestMs(Predicate<Answer> which) {
        return latencies(which).max().orElse(0) / 1_000.0;
    }

    private LongStream latencies(Predicate<Answer> which) {
        return answers.stream().filter(Answer::isAnswered).filter(which).mapToLong(Answer::latencyMicros);
    }

    /** How many answers were degraded for which reason. */
    Map<String, Long> degradedByReason() {
        return answers.stream()
                .filter(Answer::isDegraded)
                .collect(Collectors.groupingBy(Answer::degradedReason, TreeMap::new, Collectors.counting()));
    }

    /** To be asked for once all messages are acknowledged: what is acknowledged late had been appended before. */
    Shortfall shortfall() {
        long count = 0;
        long mostMicros = 0;
        long mostMs = 0;
        for (Answer answer : answers) {
            if (!answer.showsTotal()) {
                continue;
            }
            Acknowledged acknowledged = answer.tree().acknowledged();
            long lacked = acknowledged.microsBefore(answer.asOfMs()) - answer.spentMicros();
            if (lacked > 0) {
                count++;
                mostMicros = Math.max(mostMicros, lacked);
                mostMs = Math.max(mostMs, answer.asOfMs() - acknowledged.firstMissingMs(answer.spentMicros()));
            }
        }
        return new Shortfall(count, mostMicros, mostMs);
    }

    /**
     * The longest time in which a partition was asked for and gave no fresh answer, in milliseconds: from its last fresh
     * answer before to the first after, or to the end where there is none. 0 if every answer was fresh.
     */
    long longestGapMs() {
        Map<Integer, List<Answer>> byPartition = answers.stream()
                .collect(Collectors.groupingBy(answer -> answer.tree().partition(), HashMap::new, Collectors.toList()));
        return byPartition.values().stream().mapToLong(this::gapMs).max().orElse(0);
    }

    private long gapMs(List<Answer> ofPartition) {
        List<Answer> inOrder = ofPartition.stream()
                .sorted(Comparator.comparingLong(Answer::askedMs))
                .toList();
        long longest = 0;
        long lastFreshMs = fromMs;
        boolean asked = false;
        for (Answer answer : inOrder) {
            if (!answer.isFresh()) {
                asked = true;
                continue;
            }
            longest = Math.max(longest, asked ? answer.askedMs() - lastFreshMs : 0);
            lastFreshMs = answer.askedMs();
            asked = false;
        }
        return Math.max(longest, asked ? toMs - lastFreshMs : 0);
    }

    /** Those that were asked for between two moments, in milliseconds since 1970. */
    Answers between(long firstMs, long endMs) {
        return new Answers(
                answers.stream()
                        .filter(answer -> answer.askedMs() >= firstMs && answer.askedMs() < endMs)
                        .toList(),
                firstMs,
                endMs);
    }
}
