package dev.spendledger.streams.intake;

import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.domain.Rejection;

/** A record cannot be counted, whatever else is known: it is a dead letter. */
public final class RejectedRecordException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Source source;
    private final transient Rejection rejection;

    RejectedRecordException(Source source, Rejection rejection) {
        // Neither cause nor stack: it is an outcome, met on a hot path, and its detail says all.
        super(rejection.detail(), null, false, false);
        this.source = source;
        this.rejection = rejection;
    }

    RejectedRecordException(Source source, RejectReason reason, String detail) {
        this(source, new Rejection(reason, detail));
    }

    /** The record that is rejected: of a routed event the one that carried it first. */
    public Source source() {
        return source;
    }

    public Rejection rejection() {
        return rejection;
    }
}
