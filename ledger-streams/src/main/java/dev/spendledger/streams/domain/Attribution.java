package dev.spendledger.streams.domain;

import java.time.Instant;
import java.util.Comparator;

/**
 * Whom and when a message is charged to. Of several the smallest stands: a later revision re-prices a message and does not
 * move it.
 *
 * @param revision the revision that said so
 * @param pricedAt when the billed call was made
 * @param chatId the chat that made it
 * @param accountId the account that is charged
 */
public record Attribution(int revision, Instant pricedAt, String chatId, String accountId)
        implements Comparable<Attribution> {
    private static final Comparator<Attribution> ORDER = Comparator.comparingInt(Attribution::revision)
            .thenComparing(Attribution::pricedAt)
            .thenComparing(Attribution::chatId)
            .thenComparing(Attribution::accountId);

    @Override
    public int compareTo(Attribution other) {
        return ORDER.compare(this, other);
    }

    Attribution orSmaller(Attribution other) {
        return other.compareTo(this) < 0 ? other : this;
    }
}
