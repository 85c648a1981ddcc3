package dev.spendledger.streams.domain;

import java.time.Instant;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** What facts of one message can say, from so few values that ties and repeats are common. */
final class MessageFacts {
    private MessageFacts() {}

    static Arbitrary<MessageFact> ofOneMessage() {
        return Combinators.combine(attributions(), pricings())
                .as((attribution, pricing) -> new MessageFact("m-1", attribution, pricing))
                .withoutEdgeCases();
    }

    static Arbitrary<Attribution> attributions() {
        return Combinators.combine(
                        revisions(),
                        Arbitraries.of(0L, 1L, 86_400_000L).map(Instant::ofEpochMilli),
                        Arbitraries.of("c-1", "c-2", "c-10"),
                        Arbitraries.of("a-1", "a-2"))
                .as(Attribution::new)
                .withoutEdgeCases();
    }

    static Arbitrary<Pricing> pricings() {
        return Combinators.combine(
                        revisions(),
                        Arbitraries.of(0L, 1L, 1_000_000_000_000L).injectNull(0.3),
                        Arbitraries.of("model-x", "model-y").injectNull(0.3),
                        Arbitraries.of(0L, 1L).injectNull(0.3),
                        Arbitraries.of(0L, 1L).injectNull(0.3))
                .as(Pricing::new)
                .withoutEdgeCases();
    }

    private static Arbitrary<Integer> revisions() {
        return Arbitraries.of(0, 1, 2, Integer.MAX_VALUE);
    }
}
