package dev.spendledger.demo;

import dev.spendledger.demo.DrillLoad.Place;
import dev.spendledger.events.ChatCreated;
import dev.spendledger.events.ChatLimitSet;
import dev.spendledger.events.MessagePriced;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * What a log of facts comes to, worked out in the plainest way from all of them at once: by the words of {@code
 * docs/events.md}, and with none of the ledger's own rules.
 */
final class DrillOracle {
    private static final Comparator<MessagePriced> ATTRIBUTION = Comparator.comparing(MessagePriced::getRevision)
            .thenComparing(MessagePriced::getPricedAt)
            .thenComparing(MessagePriced::getChatId)
            .thenComparing(MessagePriced::getAccountId);
    private static final Comparator<MessagePriced> PRICING = Comparator.comparing(MessagePriced::getRevision)
            .thenComparing(MessagePriced::getCostMicros, Comparator.nullsFirst(Comparator.naturalOrder()));

    private final Map<String, ChatCreated> chats = new TreeMap<>();
    private final Map<String, Long> limits = new HashMap<>();
    private final Map<List<String>, List<MessagePriced>> messages = new HashMap<>();
    private final Map<String, Totals> parked = new TreeMap<>();
    private final List<String> deadLetters = new ArrayList<>();

    /** Sums over messages; money in micros. */
    record Totals(long micros, long priced, long unpriced) {
        static final Totals ZERO = new Totals(0, 0, 0);

        static Totals of(Long costMicros) {
            return costMicros == null ? new Totals(0, 0, 1) : new Totals(costMicros, 1, 0);
        }

        Totals plus(Totals other) {
            return new Totals(micros + other.micros, priced + other.priced, unpriced + other.unpriced);
        }
    }

    /** A chat of a tree: its parent, null for the root, and its own totals. */
    record Chat(String parentChatId, Totals totals) {}

    /**
     * A tree.
     *
     * @param limitMicros null = none
     * @param chats its chats, by id
     */
    record Tree(Totals totals, Long limitMicros, Map<String, Chat> chats) {
        boolean exhausted() {
            return limitMicros != null && totals.micros >= limitMicros;
        }
    }

    /**
     * @param log all of the fact topics; of each partition in the order of the log
     */
    DrillOracle(Collection<ConsumerRecord<byte[], byte[]>> log) {
        List<MessagePriced> priced = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : log) {
            Header bad = record.headers().lastHeader(DrillFacts.BAD);
            if (bad != null) {
                deadLetters.add(deadLetter(place(record), new String(bad.value(), StandardCharsets.UTF_8)));
                continue;
            }
            SpecificRecord event = DrillFacts.EVENTS.deserializer().deserialize(record.topic(), record.value());
            if (event instanceof ChatCreated chat) {
                chats.putIfAbsent(chat.getChatId(), chat);
            } else if (event instanceof ChatLimitSet limit) {
                limits.put(limit.getRootChatId(), limit.getSpendLimitMicros());
            } else {
                priced.add((MessagePriced) event);
            }
        }
        for (MessagePriced message : priced) {
            Optional<String> root = root(message.getChatId());
            if (root.isPresent()) {
                messages.computeIfAbsent(List.of(root.get(), message.getMessageId()), key -> new ArrayList<>())
                        .add(message);
            } else {
                parked.merge(message.getChatId(), Totals.of(message.getCostMicros()), Totals::plus);
            }
        }
    }

    static Place place(ConsumerRecord<byte[], byte[]> record) {
        return new Place(record.topic(), record.partition(), record.offset());
    }

    static String deadLetter(Place place, String reason) {
        return place + " " + reason;
    }

    /** The first chat of the parent chain; empty if a chat on the way is not created. */
    private Optional<String> root(String chatId) {
        ChatCreated chat = chats.get(chatId);
        while (chat != null && chat.getParentChatId() != null) {
            chat = chats.get(chat.getParentChatId());
        }
        return Optional.ofNullable(chat).map(ChatCreated::getChatId);
    }

    /** The trees whose root is created, by root chat id. */
    Map<String, Tree> trees() {
        Map<String, Totals> totals = new HashMap<>();
        for (List<MessagePriced> revisions : messages.values()) {
            String chatId = revisions.stream().min(ATTRIBUTION).orElseThrow().getChatId();
            Long costMicros = revisions.stream().max(PRICING).orElseThrow().getCostMicros();
            totals.merge(chatId, Totals.of(costMicros), Totals::plus);
        }
        Map<String, Map<String, Chat>> members = new TreeMap<>();
        chats.forEach((chatId, chat) -> root(chatId)
                .ifPresent(root -> members.computeIfAbsent(root, key -> new TreeMap<>())
                        .put(chatId, new Chat(chat.getParentChatId(), totals.getOrDefault(chatId, Totals.ZERO)))));
        return members.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, tree -> tree(tree.getKey(), tree.getValue())));
    }

    private Tree tree(String root, Map<String, Chat> members) {
        Totals totals = members.values().stream().map(Chat::totals).reduce(Totals.ZERO, Totals::plus);
        Long limitMicros =
                limits.containsKey(root) ? limits.get(root) : chats.get(root).getSpendLimitMicros();
        return new Tree(totals, limitMicros, members);
    }

    /** The messages of chats whose root is not known: each record counts, repeats included. By chat id. */
    Map<String, Totals> parked() {
        return parked;
    }

    /** What must be in the dead letters, each once. */
    List<String> deadLetters() {
        return deadLetters;
    }
}
