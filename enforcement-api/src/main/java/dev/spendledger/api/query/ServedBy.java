package dev.spendledger.api.query;

import java.util.Locale;

/** Who gave the reading that an answer rests on. */
public enum ServedBy {
    /** This instance, which owns the partition. */
    OWNER,
    /** This instance, by its view of the freezes. */
    FREEZE_VIEW,
    /** Nobody: there is no reading. */
    NONE;

    /** The name in replies. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
