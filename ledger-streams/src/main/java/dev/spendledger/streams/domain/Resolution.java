package dev.spendledger.streams.domain;

import dev.spendledger.streams.domain.Root.Rooted;
import dev.spendledger.streams.domain.Root.Unrooted;

/**
 * How a chat comes to know its root: it asks its parent, and the question travels on from parent to parent until a chat
 * knows.
 */
public final class Resolution {
    private Resolution() {}

    /**
     * A question on its way.
     *
     * @param originChatId the chat that wants to know its root
     * @param hops how many parents lie between it and the chat that is asked; 1 = its parent
     */
    public record Question(String originChatId, int hops) {
        /** The first question of a chat, to its parent. */
        public static Question by(String originChatId) {
            return new Question(originChatId, 1);
        }
    }

    /** What becomes of a question at the chat that is asked. */
    public sealed interface Step {
        /** The asked chat is not created yet: the question waits there. */
        record Wait() implements Step {}

        /** The asked chat does not know either: ask its parent. */
        record TravelOn(String parentChatId, Question question) implements Step {}

        /** The answer, for the origin. */
        record Answer(Root root) implements Step {}
    }

    /**
     * What becomes of a question at the chat that is asked.
     *
     * <p>The outcome depends on the parents alone: an ancestor without a root within 1,000 parents leaves the origin without
     * one too, and the depth of an ancestor that has one, plus the hops, is the depth of the origin.
     *
     * @param asked what is known of the asked chat
     */
    public static Step step(String askedChatId, Lineage asked, Question question) {
        if (!asked.isCreated()) {
            return new Step.Wait();
        }
        if (askedChatId.equals(question.originChatId())) {
            return new Step.Answer(
                    new Unrooted("its parent chain comes back to itself after " + question.hops() + " parents"));
        }
        if (asked.root() instanceof Rooted rooted) {
            int depth = rooted.depth() + question.hops();
            return new Step.Answer(depth <= Ranges.MAX_DEPTH ? new Rooted(rooted.rootChatId(), depth) : tooDeep());
        }
        if (asked.root() instanceof Unrooted) {
            return new Step.Answer(new Unrooted("its ancestor " + askedChatId + " has no root"));
        }
        if (question.hops() >= Ranges.MAX_DEPTH) {
            return new Step.Answer(tooDeep());
        }
        return new Step.TravelOn(
                asked.created().parentChatId(), new Question(question.originChatId(), question.hops() + 1));
    }

    private static Unrooted tooDeep() {
        return new Unrooted("its parent chain reaches no root within " + Ranges.MAX_DEPTH + " parents");
    }
}
