package dev.spendledger.demo;

import dev.spendledger.demo.Tally.SentMessage;
import java.util.Comparator;
import java.util.List;

/**
 * By how much a tree has spent more than its limit, and why; money in micros. The three parts add up to the whole.
 *
 * @param crossingMicros how far the message that reached the limit went beyond it
 * @param underWay the messages that were allowed before that one was told, and told after it
 * @param late the messages that were allowed after it was told: the ledger's total did not show it yet
 */
record Overshoot(long crossingMicros, Part underWay, Part late) {
    /** Some of the messages. */
    record Part(int messages, long costMicros) {
        static final Part NONE = new Part(0, 0);

        Part plus(SentMessage message) {
            return new Part(messages + 1, costMicros + message.costMicros());
        }
    }

    /** The overshoot of a tree that these messages were sent in; none if they do not reach the limit. */
    static Overshoot of(long limitMicros, List<SentMessage> messages) {
        List<SentMessage> asTold = messages.stream()
                .sorted(Comparator.comparingLong(SentMessage::acknowledgedNanos))
                .toList();
        long spentMicros = 0;
        SentMessage crossing = null;
        long crossingMicros = 0;
        Part underWay = Part.NONE;
        Part late = Part.NONE;
        for (SentMessage message : asTold) {
            spentMicros += message.costMicros();
            if (crossing != null) {
                if (message.allowedNanos() < crossing.acknowledgedNanos()) {
                    underWay = underWay.plus(message);
                } else {
                    late = late.plus(message);
                }
            } else if (spentMicros >= limitMicros) {
                crossing = message;
                crossingMicros = spentMicros - limitMicros;
            }
        }
        return new Overshoot(crossingMicros, underWay, late);
    }

    /** All of it. */
    long micros() {
        return crossingMicros + underWay.costMicros() + late.costMicros();
    }
}
