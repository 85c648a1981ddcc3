package dev.spendledger.streams.domain;

/**
 * What all the facts seen of one message come to: the smallest attribution with the greatest pricing. Smallest and greatest
 * do not depend on order, and a fact seen before changes neither; that is the whole of the ledger's deduplication.
 */
public record Message(Attribution attribution, Pricing pricing) {

    /** The message after its first fact. */
    public static Message of(MessageFact fact) {
        return new Message(fact.attribution(), fact.pricing());
    }

    /** The message after one more fact; equal to this one if the fact adds nothing. */
    public Message with(MessageFact fact) {
        return new Message(attribution.orSmaller(fact.attribution()), pricing.orGreater(fact.pricing()));
    }
}
