package dev.spendledger.schemas;

/**
 * The names of the ledger's topics in one deployment.
 *
 * @param prefix stands before every name, so that several ledgers can share a cluster; may be empty
 */
public record TopicNames(String prefix) {

    /** The name of a topic in this deployment. */
    public String of(Topic topic) {
        return prefix + topic.baseName();
    }
}
