package dev.spendledger.api.runtime;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * How far a partition has come of which all is committed. What is folded can be read at once, but a copy gets it with the
 * commit, which may take seconds on a busy machine, and never gets what is given up. Not thread-safe but for reading.
 */
final class CommittedProgress {
    /** One that was under way when something was folded may not hold it; the one after that does. */
    private static final long COMMITS = 2;
    /** While commits stand still, what comes later is not committed either. */
    private static final int CLAIMS_MOST = 200;

    private final Deque<Claim> claims = new ArrayDeque<>();
    private long committedVersion = -1;
    private volatile Instant asOf;

    private record Claim(Instant asOf, long version, long commits) {}

    /**
     * All up to a time is folded.
     *
     * @param version of what is folded: grows with each record
     * @param commits how many commits there have been
     */
    void onFolded(Instant foldedAsOf, long version, long commits) {
        if (claims.size() < CLAIMS_MOST) {
            claims.add(new Claim(foldedAsOf, version, commits));
        }
        while (!claims.isEmpty() && isCommitted(claims.peek(), commits)) {
            Claim committed = claims.poll();
            committedVersion = committed.version();
            asOf = committed.asOf();
        }
    }

    /** Nothing has been folded since what is committed: then there is nothing to commit, and no commit. */
    private boolean isCommitted(Claim claim, long commits) {
        return claim.version() == committedVersion || commits >= claim.commits() + COMMITS;
    }

    /** The partition has gone, or its state is being restored. */
    void forget() {
        claims.clear();
        committedVersion = -1;
        asOf = null;
    }

    /** The time up to which all is committed; empty = it is not known. */
    Optional<Instant> asOf() {
        return Optional.ofNullable(asOf);
    }
}
