package dev.spendledger.streams.topology;

import dev.spendledger.streams.domain.LogFold;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The rows that the ledger's stores must have once everything is folded and nothing is under way: what a {@link LogFold}
 * comes to, written as {@link LedgerStore.Row}s.
 */
public final class ExpectedRows {
    private ExpectedRows() {}

    /**
     * All rows of one store, in all partitions, by their ids.
     *
     * @param store one of {@link LedgerTopology#STORES}
     */
    public static Map<List<String>, Object> of(LogFold<Fingerprint> log, LedgerStore<?, ?> store) {
        Map<List<String>, Object> rows = new HashMap<>();
        if (store == LedgerTopology.ROOT_BY_CHAT) {
            log.lineages().forEach((chatId, lineage) -> rows.put(List.of(chatId), lineage.determined()));
        } else if (store == LedgerTopology.SPEND_BY_ROOT) {
            log.trees().forEach((rootChatId, tree) -> rows.put(List.of(rootChatId), tree));
        } else if (store == LedgerTopology.SPEND_BY_CHAT) {
            for (String rootChatId : log.rootChatIds()) {
                log.members(rootChatId).forEach((chatId, chat) -> rows.put(List.of(rootChatId, chatId), chat));
            }
        } else if (store == LedgerTopology.MESSAGE_REVISIONS) {
            for (String rootChatId : log.rootChatIds()) {
                log.messages(rootChatId)
                        .forEach((messageId, message) -> rows.put(List.of(rootChatId, messageId), message));
            }
        } else if (store == LedgerTopology.PARKED_EVENTS) {
            parked(log).forEach(row -> rows.put(row.ids(), row.value()));
        } else if (store == LedgerTopology.WAITING_CHATS) {
            log.chatsInWait().forEach(chat -> {
                Map.Entry<String, Integer> asked = log.waitsFor(chat.fact().chatId());
                rows.put(List.of(asked.getKey(), chat.fact().chatId()), asked.getValue());
            });
        } else if (store == LedgerTopology.ACCOUNT_SPEND) {
            log.accountDays()
                    .forEach((at, totals) ->
                            rows.put(List.of(at.accountId(), at.day().toString()), totals));
        } else {
            throw new IllegalArgumentException("No rows are known of the store " + store.name());
        }
        return rows;
    }

    private static Stream<LedgerStore.Row> parked(LogFold<Fingerprint> log) {
        return Stream.of(
                        log.parkedMessages()
                                .map(message -> parked(
                                        message.fact().chatId(),
                                        Parked.Kind.MESSAGE,
                                        message.event(),
                                        message.fact().pricing().costMicros())),
                        log.parkedLimits()
                                .map(limit ->
                                        parked(limit.fact().rootChatId(), Parked.Kind.LIMIT, limit.event(), null)),
                        log.chatsInWait()
                                .map(chat -> parked(chat.fact().chatId(), Parked.Kind.CHAT, chat.event(), null)))
                .flatMap(rows -> rows);
    }

    private static LedgerStore.Row parked(String chatId, Parked.Kind kind, Fingerprint event, Long costMicros) {
        return new LedgerStore.Row(Parked.ids(chatId, kind, event.id()), new Parked.Determined(event, costMicros));
    }
}
