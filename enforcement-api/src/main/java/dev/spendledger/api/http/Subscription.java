package dev.spendledger.api.http;

import dev.spendledger.api.http.ApiException.Validation;
import dev.spendledger.api.query.AlertPositions;
import dev.spendledger.events.AlertKind;
import dev.spendledger.events.SpendAlert;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a client wants of an event stream.
 *
 * @param alerts the kinds of alerts
 * @param live what else it wants shown
 * @param rootChatId the only tree that it wants to hear of; empty = any
 * @param accountId the only account that it wants to hear of; empty = any
 * @param from how far it has read the alerts; empty = it wants those from now on
 * @param recent how many of those before now it wants as well; 0 where it says how far it has read
 */
record Subscription(
        Set<AlertKind> alerts,
        List<LiveSource> live,
        Optional<String> rootChatId,
        Optional<String> accountId,
        Optional<AlertPositions> from,
        int recent) {
    private static final int RECENT_MOST = 100;
    private static final String LAST_EVENT_ID = "Last-Event-ID";
    private static final Set<AlertKind> KNOWN = EnumSet.complementOf(EnumSet.of(AlertKind.UNKNOWN));

    /** What the events of a kind of alerts are called. */
    static String code(AlertKind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads the parameters and the header of a request.
     *
     * @param sources what there is to be shown beside the alerts
     * @throws ApiException if any is wrong
     */
    static Subscription read(RoutingContext context, List<LiveSource> sources) {
        MultiMap parameters = context.queryParams();
        List<Validation> violations = new ArrayList<>();
        Set<String> kinds = kinds(parameters.getAll("kind"), sources, violations);
        Optional<String> rootChatId = id(parameters, "root_chat_id", violations);
        Optional<AlertPositions> from =
                from(context.request().getHeader(LAST_EVENT_ID), parameters.get("last_event_id"), violations);
        int recent = recent(parameters.get("recent"), violations);
        Subscription wanted = new Subscription(
                KNOWN.stream().filter(kind -> kinds.contains(code(kind))).collect(Collectors.toSet()),
                sources.stream().filter(source -> kinds.contains(source.kind())).toList(),
                rootChatId,
                id(parameters, "account_id", violations),
                from,
                from.isPresent() ? 0 : recent);
        if (rootChatId.isEmpty()) {
            wanted.live.stream()
                    .filter(LiveSource::isOfOneTree)
                    .forEach(source -> violations.add(
                            new Validation("root_chat_id", "is required for the kind " + source.kind())));
        }
        if (!violations.isEmpty()) {
            throw ApiException.invalid(violations);
        }
        return wanted;
    }

    private static Set<String> kinds(List<String> texts, List<LiveSource> sources, List<Validation> violations) {
        Set<String> ofAlerts = KNOWN.stream().map(Subscription::code).collect(Collectors.toSet());
        if (texts.isEmpty()) {
            return ofAlerts;
        }
        List<String> known = Stream.concat(ofAlerts.stream(), sources.stream().map(LiveSource::kind))
                .sorted()
                .toList();
        Set<String> wanted =
                texts.stream().flatMap(text -> Stream.of(text.split(",", -1))).collect(Collectors.toSet());
        if (!known.containsAll(wanted)) {
            violations.add(
                    new Validation("kind", "must be among " + String.join(", ", known) + ", several with commas"));
        }
        return wanted;
    }

    private static Optional<String> id(MultiMap parameters, String name, List<Validation> violations) {
        Optional<String> id = Optional.ofNullable(parameters.get(name));
        id.flatMap(Fields::idViolation).ifPresent(violation -> violations.add(new Validation(name, violation)));
        return id;
    }

    private static int recent(String text, List<Validation> violations) {
        if (text == null) {
            return 0;
        }
        if (!text.matches("\\d{1,3}") || Integer.parseInt(text) > RECENT_MOST) {
            violations.add(new Validation("recent", "must be an integer from 0 to " + RECENT_MOST));
            return 0;
        }
        return Integer.parseInt(text);
    }

    /** The header is the later one: what reconnects by itself keeps the address that it was given. */
    private static Optional<AlertPositions> from(String header, String parameter, List<Validation> violations) {
        boolean inHeader = header != null && !header.isEmpty();
        String text = inHeader ? header : parameter;
        if (text == null || text.isEmpty()) {
            return Optional.empty();
        }
        Optional<AlertPositions> from = AlertPositions.parse(text);
        if (from.isEmpty()) {
            violations.add(new Validation(
                    inHeader ? LAST_EVENT_ID : "last_event_id", "must be the id of an event of this route"));
        }
        return from;
    }

    boolean wantsAlerts() {
        return !alerts.isEmpty();
    }

    boolean wants(SpendAlert alert) {
        return alerts.contains(alert.getKind())
                && rootChatId.map(id -> id.equals(alert.getRootChatId())).orElse(true)
                && accountId.map(id -> id.equals(alert.getAccountId())).orElse(true);
    }
}
