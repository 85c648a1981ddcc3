package dev.spendledger.streams.topology;

import dev.spendledger.schemas.StateSerde;
import dev.spendledger.state.AccountDayRow;
import dev.spendledger.state.ChatSpendRow;
import dev.spendledger.state.CreatedChat;
import dev.spendledger.state.LineageRow;
import dev.spendledger.state.MessageRow;
import dev.spendledger.state.ModelSpendRow;
import dev.spendledger.state.ParkedRow;
import dev.spendledger.state.SourceHeader;
import dev.spendledger.state.SourceRecord;
import dev.spendledger.state.TotalsRow;
import dev.spendledger.state.TreeSpendRow;
import dev.spendledger.state.WaitingChatRow;
import dev.spendledger.streams.domain.Attribution;
import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.ChatSpend;
import dev.spendledger.streams.domain.DaySpend;
import dev.spendledger.streams.domain.Limit;
import dev.spendledger.streams.domain.Lineage;
import dev.spendledger.streams.domain.Message;
import dev.spendledger.streams.domain.Models;
import dev.spendledger.streams.domain.Pace;
import dev.spendledger.streams.domain.Pricing;
import dev.spendledger.streams.domain.Root;
import dev.spendledger.streams.domain.Totals;
import dev.spendledger.streams.domain.TreeSpend;
import dev.spendledger.streams.intake.Source;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serde;

/** How the domain's records are stored: one serde for each store, and the forms they share. */
final class StateSerdes {
    static final Serde<TreeSpend> TREE_SPEND = new StateSerde<>(
            TreeSpendRow.getClassSchema(),
            tree -> new TreeSpendRow(
                    tree.accountId(),
                    tree.warnedPercent(),
                    tree.pace().minute(),
                    tree.pace().micros(),
                    tree.pace().chats(),
                    tree.pace().microsBefore(),
                    tree.pace().chatsBefore(),
                    toRow(tree.totals()),
                    tree.limit().micros(),
                    tree.limit().offset(),
                    tree.limit().setBy(),
                    tree.limit().setAt(),
                    tree.chats()),
            row -> new TreeSpend(
                    row.getAccountId(),
                    fromRow(row.getTotals()),
                    new Limit(row.getLimitMicros(), row.getLimitOffset(), row.getLimitSetBy(), row.getLimitSetAt()),
                    row.getChats(),
                    new Pace(
                            row.getMinute(),
                            row.getMinuteMicros(),
                            row.getMinuteChats(),
                            row.getMinuteBeforeMicros(),
                            row.getMinuteBeforeChats()),
                    row.getWarnedPercent()));

    static final Serde<ChatSpend> CHAT_SPEND = new StateSerde<>(
            ChatSpendRow.getClassSchema(),
            chat -> new ChatSpendRow(
                    chat.parentChatId(), chat.accountId(), toRows(chat.models()), toRow(chat.totals())),
            row -> new ChatSpend(
                    row.getParentChatId(), row.getAccountId(), fromRow(row.getTotals()), fromRows(row.getModels())));

    static final Serde<Message> MESSAGE =
            new StateSerde<>(MessageRow.getClassSchema(), StateSerdes::toRow, StateSerdes::fromRow);

    static final Serde<Parked> PARKED = new StateSerde<>(
            ParkedRow.getClassSchema(),
            parked -> new ParkedRow(toRecord(parked.source()), parked.costMicros()),
            row -> new Parked(fromRecord(row.getSource()), row.getCostMicros()));

    static final Serde<Integer> WAITING_HOPS =
            new StateSerde<>(WaitingChatRow.getClassSchema(), WaitingChatRow::new, WaitingChatRow::getHops);

    static final Serde<DaySpend> ACCOUNT_DAY = new StateSerde<>(
            AccountDayRow.getClassSchema(),
            day -> new AccountDayRow(day.warned().percent(), day.warned().limit(), toRow(day.totals())),
            row -> new DaySpend(
                    fromRow(row.getTotals()), new DaySpend.Warned(row.getWarnedPercent(), row.getWarnedLimit())));

    private StateSerdes() {}

    static final Serde<Lineage> LINEAGE =
            new StateSerde<>(LineageRow.getClassSchema(), StateSerdes::toRow, StateSerdes::fromRow);

    private static LineageRow toRow(Lineage lineage) {
        return new LineageRow(toRow(lineage.created()), toRow(lineage.root()), toRow(lineage.parked()));
    }

    private static Lineage fromRow(LineageRow row) {
        return new Lineage(fromRow(row.getCreated()), fromRoot(row.getRoot()), fromRow(row.getParked()));
    }

    private static CreatedChat toRow(ChatFact chat) {
        return chat == null
                ? null
                : new CreatedChat(
                        chat.chatId(), chat.parentChatId(), chat.accountId(), chat.limitMicros(), chat.createdAt());
    }

    private static ChatFact fromRow(CreatedChat row) {
        return row == null
                ? null
                : new ChatFact(
                        row.getChatId(),
                        row.getParentChatId(),
                        row.getAccountId(),
                        row.getSpendLimitMicros(),
                        row.getCreatedAt());
    }

    private static Object toRow(Root root) {
        if (root instanceof Root.Rooted rooted) {
            return new dev.spendledger.state.Rooted(rooted.rootChatId(), rooted.depth());
        }
        if (root instanceof Root.Unrooted unrooted) {
            return new dev.spendledger.state.Unrooted(unrooted.why());
        }
        return null;
    }

    private static Root fromRoot(Object row) {
        if (row instanceof dev.spendledger.state.Rooted rooted) {
            return new Root.Rooted(rooted.getRootChatId(), rooted.getDepth());
        }
        if (row instanceof dev.spendledger.state.Unrooted unrooted) {
            return new Root.Unrooted(unrooted.getWhy());
        }
        return null;
    }

    private static MessageRow toRow(Message message) {
        Attribution attribution = message.attribution();
        Pricing pricing = message.pricing();
        return new MessageRow(
                attribution.revision(),
                attribution.pricedAt(),
                attribution.chatId(),
                attribution.accountId(),
                pricing.revision(),
                pricing.costMicros(),
                pricing.model(),
                pricing.inputTokens(),
                pricing.outputTokens());
    }

    private static Message fromRow(MessageRow row) {
        return new Message(
                new Attribution(row.getFirstRevision(), row.getPricedAt(), row.getChatId(), row.getAccountId()),
                new Pricing(
                        row.getLastRevision(),
                        row.getCostMicros(),
                        row.getModel(),
                        row.getInputTokens(),
                        row.getOutputTokens()));
    }

    private static List<ModelSpendRow> toRows(Models models) {
        return models.parts().stream()
                .map(part ->
                        new ModelSpendRow(part.model(), toRow(part.totals()), part.inputTokens(), part.outputTokens()))
                .toList();
    }

    private static Models fromRows(List<ModelSpendRow> rows) {
        return new Models(rows.stream()
                .map(row -> new Models.Part(
                        row.getModel(), fromRow(row.getTotals()), row.getInputTokens(), row.getOutputTokens()))
                .toList());
    }

    static TotalsRow toRow(Totals totals) {
        return new TotalsRow(
                ByteBuffer.wrap(totals.sumMicros().toByteArray()), totals.pricedMessages(), totals.unpricedMessages());
    }

    static Totals fromRow(TotalsRow row) {
        return new Totals(
                new BigInteger(bytes(row.getSumMicros())), row.getPricedMessages(), row.getUnpricedMessages());
    }

    static SourceRecord toRecord(Source source) {
        List<SourceHeader> headers = Stream.of(source.headers().toArray())
                .map(header -> new SourceHeader(header.key(), buffer(header.value())))
                .collect(Collectors.toList());
        return new SourceRecord(
                source.topic(),
                source.partition(),
                source.offset(),
                source.appendTime(),
                buffer(source.key()),
                buffer(source.value()),
                headers);
    }

    static Source fromRecord(SourceRecord row) {
        Headers headers = new RecordHeaders();
        row.getHeaders().forEach(header -> headers.add(header.getName(), bytes(header.getValue())));
        return new Source(
                row.getTopic(),
                row.getPartition(),
                row.getOffset(),
                row.getAppendTime(),
                bytes(row.getKey()),
                bytes(row.getValue()),
                headers);
    }

    private static ByteBuffer buffer(byte[] bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
