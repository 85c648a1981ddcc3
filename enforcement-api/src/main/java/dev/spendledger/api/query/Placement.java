package dev.spendledger.api.query;

import dev.spendledger.streams.topology.LedgerStore;
import java.net.URI;
import java.util.Optional;
import java.util.Set;

/** Which instances have which partitions, as far as this one has heard. */
public interface Placement {

    /**
     * Who has a partition.
     *
     * @param owner where its owner listens; empty = it has none that is known
     * @param copies where those listen that keep a copy
     */
    record Holders(Optional<URI> owner, Set<URI> copies) {
        public static final Holders NOBODY = new Holders(Optional.empty(), Set.of());
    }

    /** Who has a partition of a store. */
    Holders of(LedgerStore<?, ?> store, int partition);

    /** Where all instances listen that this one has heard of, itself included. */
    Set<URI> instances();

    /** Where this instance listens. */
    URI self();

    /** Finds out at once whether anything has changed. */
    void refresh();
}
