package dev.spendledger.schemas;

/**
 * The names of the ledger's topics in one deployment.
 *
 * @param prefix stands before every name but those that {@code outputPrefix} is for, so that several ledgers can share a
 *     cluster; may be empty
 * @param outputPrefix stands before the names of the topics that the ledger itself writes, so that two ledgers can read the
 *     same facts; may be empty
 */
public record TopicNames(String prefix, String outputPrefix) {

    /** One prefix for every name. */
    public TopicNames(String prefix) {
        this(prefix, prefix);
    }

    /** The name of a topic in this deployment. */
    public String of(Topic topic) {
        return (topic.writtenByLedger() ? outputPrefix : prefix) + topic.baseName();
    }
}
