package dev.spendledger.streams.domain;

import java.util.Locale;

/** Why a record is a dead letter. A closed list: it is a metric's label, and what people search for. */
public enum RejectReason {
    /** The bytes are no event of the topic. */
    UNREADABLE,
    /** The schema id is not known to the registry. */
    UNKNOWN_SCHEMA,
    /** The schema registry did not answer when the record was read. */
    REGISTRY_UNAVAILABLE,
    /** The record is larger than any fact can be; the dead letter holds no copy of it. */
    TOO_LARGE,
    /** The record has no key. */
    NULL_KEY,
    /** The record has no value. */
    NULL_VALUE,
    /** The key is not the id that the value is about. */
    KEY_MISMATCH,
    /** The record is not in the partition that its key belongs to, where the order of records matters. */
    WRONG_PARTITION,
    /** A field is out of its range. */
    OUT_OF_RANGE,
    /** The chat names itself as its parent. */
    SELF_PARENT,
    /** A limit on a chat that is no root. */
    LIMIT_ON_CHILD,
    /** The chat was created before, with other content. */
    CHAT_REDEFINED,
    /** The parent chain reaches no root, now and for ever: it runs in a circle or is too long. */
    NO_ROOT,
    /** {@code priced_at} lies more than 24 hours ahead. */
    PRICED_AT_AHEAD,
    /** The ledger has a bug: handling the record failed in a way nobody foresaw. */
    INTERNAL_ERROR;

    /** The name in the dead letter's header and in the metric. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
