package dev.spendledger.streams.topology;

import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.domain.Rejection;

/** A record cannot be counted, whatever else is known. Ends in {@link AcceptProcessor}, as a dead letter. */
final class RejectedRecordException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Rejection rejection;

    RejectedRecordException(Rejection rejection) {
        // Neither cause nor stack: it is an outcome, met on a hot path, and its detail says all.
        super(rejection.detail(), null, false, false);
        this.rejection = rejection;
    }

    RejectedRecordException(RejectReason reason, String detail) {
        this(new Rejection(reason, detail));
    }

    Rejection rejection() {
        return rejection;
    }
}
