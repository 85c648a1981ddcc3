package dev.spendledger.streams.domain;

import java.util.Locale;
import java.util.Optional;

/**
 * Whom an account-period limit is set for. Written as the key of its record: {@code default}, {@code account:<id>} or
 * {@code group:<id>}.
 *
 * @param kind for every account, for one, or for those of a group
 * @param id the account or group; empty for the default
 */
public record PeriodLimitKey(Kind kind, String id) {
    public static final PeriodLimitKey DEFAULT = new PeriodLimitKey(Kind.DEFAULT, "");

    /** Also where the limit comes from that an account is held to. */
    public enum Kind {
        ACCOUNT,
        GROUP,
        DEFAULT;

        /** The name in keys and replies. */
        public String code() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public static PeriodLimitKey ofAccount(String accountId) {
        return new PeriodLimitKey(Kind.ACCOUNT, accountId);
    }

    public static PeriodLimitKey ofGroup(String groupId) {
        return new PeriodLimitKey(Kind.GROUP, groupId);
    }

    /** Reads what {@link #toString} writes; empty if a text is none. */
    public static Optional<PeriodLimitKey> parse(String text) {
        if (text.equals(DEFAULT.toString())) {
            return Optional.of(DEFAULT);
        }
        int colon = text.indexOf(':');
        String id = text.substring(colon + 1);
        if (colon < 0 || !Ranges.isId(id)) {
            return Optional.empty();
        }
        return switch (text.substring(0, colon)) {
            case "account" -> Optional.of(ofAccount(id));
            case "group" -> Optional.of(ofGroup(id));
            default -> Optional.empty();
        };
    }

    @Override
    public String toString() {
        return kind == Kind.DEFAULT ? kind.code() : kind.code() + ":" + id;
    }
}
