package dev.spendledger.api.query;

import java.util.Locale;

/** Who gave the reading that an answer rests on. */
public enum ServedBy {
    /** This instance, which owns the partition. */
    OWNER,
    /** Another instance, which owns the partition. */
    PEER,
    /** An instance that keeps a copy of the partition; what it has may be old. */
    STANDBY,
    /** This instance's own memory of what has reached its limit. */
    STATUS_VIEW,
    /** This instance, by its view of the freezes. */
    FREEZE_VIEW,
    /** Nobody: there is no reading. */
    NONE;

    /** Whether it is the owner of the partition. */
    public boolean isOwner() {
        return this == OWNER || this == PEER;
    }

    /** The name in replies. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
