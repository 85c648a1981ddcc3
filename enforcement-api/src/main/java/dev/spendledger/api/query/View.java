package dev.spendledger.api.query;

import dev.spendledger.streams.intake.Source;

/** What an instance reads whole and for itself, into memory. One thread writes, and any may read. */
public interface View {

    /** Takes in a record, those of a key in their order. */
    void apply(Source source);

    /** All before this offset of a partition is taken in. */
    default void onReadTo(String topic, int partition, long offset) {}

    /** Tries again what could not be read for want of the schema registry. May wait for it. */
    default void retryUnread() {}

    /** All that was there at the start is taken in: what it says from now on counts. */
    void onLoaded();

    /** Whether what it says counts. */
    boolean isLoaded();
}
