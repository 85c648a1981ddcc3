package dev.spendledger.api.decision;

import java.util.Locale;

/** What a chat is about to do. Counted in the metrics; it does not change the answer. */
public enum Operation {
    SEND_MESSAGE,
    EDIT_MESSAGE,
    PROMOTE_QUEUED,
    MODEL_STEP,
    SPAWN;

    /** The name in requests and metrics. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
