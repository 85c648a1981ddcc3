package dev.spendledger.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.spendledger.api.decision.Operation;
import dev.spendledger.api.http.ApiException.Validation;
import dev.spendledger.api.query.TreeLocator.Hints;
import dev.spendledger.events.MessagePriced;
import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.Membership;
import dev.spendledger.streams.domain.Period;
import dev.spendledger.streams.domain.PeriodLimit;
import dev.spendledger.streams.domain.Ranges;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** What the bodies of requests mean. Each reader throws an {@link ApiException} with everything that is wrong. */
final class Requests {
    static final int MESSAGES_MAX = 1_000;

    private Requests() {}

    /**
     * A chat to be created.
     *
     * @param rootHint the root that the caller names
     */
    record CreateChat(ChatFact chat, Optional<String> rootHint) {}

    static CreateChat createChat(JsonNode body, Instant now) {
        return Fields.readObject(body, fields -> {
            String givenId = fields.optionalId("chat_id");
            String chatId = givenId == null ? UUID.randomUUID().toString() : givenId;
            String parent = fields.optionalId("parent_chat_id");
            String root = fields.optionalId("root_chat_id");
            String account = fields.requiredId("account_id");
            Long limit = fields.optionalInteger("spend_limit_micros", 1, Ranges.MAX_MICROS);
            if (chatId.equals(parent)) {
                fields.violated("parent_chat_id", "a chat cannot be its own parent");
            }
            if (parent == null && root != null && !root.equals(chatId)) {
                fields.violated("root_chat_id", "a chat without a parent is its own root");
            }
            if (parent != null && root != null && root.equals(chatId)) {
                fields.violated("root_chat_id", "a chat with a parent is not its own root");
            }
            if (parent != null && limit != null) {
                fields.violated("spend_limit_micros", "only a root chat can have a limit");
            }
            return new CreateChat(new ChatFact(chatId, parent, account, limit, now), Optional.ofNullable(root));
        });
    }

    /**
     * @param micros null = no limit
     * @param setBy null = not said
     */
    record SetLimit(Long micros, String setBy) {}

    static SetLimit setLimit(JsonNode body) {
        return Fields.readObject(
                body,
                fields -> new SetLimit(fields.requiredLimitOrNull("spend_limit_micros"), fields.optionalId("set_by")));
    }

    /**
     * @param reason null = not said
     * @param setBy null = not said
     */
    record Freeze(String reason, String setBy) {
        /** The freeze of a request without a body. */
        static final Freeze PLAIN = new Freeze(null, null);
    }

    static Freeze freeze(JsonNode body) {
        return Fields.readObject(
                body, fields -> new Freeze(fields.optionalReason("reason"), fields.optionalId("set_by")));
    }

    /** The account-period limit of every account that has no other. */
    static PeriodLimit setDefaultLimit(JsonNode body, Instant now) {
        return Fields.readObject(body, fields -> {
            Long micros = fields.requiredInteger("spend_limit_micros", 1, Ranges.MAX_MICROS);
            Period period = fields.requiredCode("period", Period.values(), Period::code);
            return new PeriodLimit(micros == null ? 0 : micros, period, fields.optionalId("set_by"), now);
        });
    }

    /** The account-period limit of an account or of a group. */
    static PeriodLimit setPeriodLimit(JsonNode body, Instant now) {
        return Fields.readObject(body, fields -> {
            Long micros = fields.requiredInteger("spend_limit_micros", 1, Ranges.MAX_MICROS);
            return new PeriodLimit(micros == null ? 0 : micros, null, fields.optionalId("set_by"), now);
        });
    }

    static Membership setGroups(JsonNode body, Instant now) {
        return Fields.readObject(
                body, fields -> new Membership(fields.requiredIds("group_ids", Ranges.MAX_GROUPS), now));
    }

    record Check(Operation operation, Hints hints, Optional<String> accountId) {
        /** The check of a request without a body. */
        static final Check PLAIN = new Check(Operation.SEND_MESSAGE, Hints.NONE, Optional.empty());
    }

    static Check check(JsonNode body) {
        return Fields.readObject(body, fields -> {
            Operation operation = fields.optionalCode("operation", Operation.values(), Operation::code);
            Hints hints = new Hints(
                    Optional.ofNullable(fields.optionalId("root_chat_id")),
                    Optional.ofNullable(fields.optionalId("parent_chat_id")));
            return new Check(
                    operation == null ? Operation.SEND_MESSAGE : operation,
                    hints,
                    Optional.ofNullable(fields.optionalId("account_id")));
        });
    }

    static List<MessagePriced> messages(JsonNode body, Instant now) {
        if (!body.isArray()) {
            MessagePriced one = Fields.readObject(body, fields -> message(fields, now));
            return List.of(one);
        }
        if (body.isEmpty() || body.size() > MESSAGES_MAX) {
            throw ApiException.invalid("$", "must have 1 to " + MESSAGES_MAX + " messages, has " + body.size());
        }
        List<Validation> violations = new ArrayList<>();
        List<MessagePriced> messages = new ArrayList<>(body.size());
        for (int i = 0; i < body.size(); i++) {
            if (body.get(i).isObject()) {
                Fields fields = new Fields(body.get(i), "[" + i + "].", violations);
                messages.add(message(fields, now));
                fields.rejectUnknown();
            } else {
                violations.add(new Validation("[" + i + "]", "must be a JSON object"));
            }
        }
        if (!violations.isEmpty()) {
            throw ApiException.invalid(violations);
        }
        return messages;
    }

    private static MessagePriced message(Fields fields, Instant now) {
        MessagePriced message = new MessagePriced();
        message.setMessageId(fields.requiredId("message_id"));
        message.setChatId(fields.requiredId("chat_id"));
        message.setRootChatId(fields.optionalId("root_chat_id"));
        message.setAccountId(fields.requiredId("account_id"));
        Long revision = fields.optionalInteger("revision", 0, Integer.MAX_VALUE);
        message.setRevision(revision == null ? 0 : revision.intValue());
        message.setCostMicros(fields.optionalInteger("cost_micros", 0, Ranges.MAX_COST_MICROS));
        message.setModel(fields.optionalId("model"));
        message.setInputTokens(fields.optionalInteger("input_tokens", 0, Ranges.MAX_TOKENS));
        message.setOutputTokens(fields.optionalInteger("output_tokens", 0, Ranges.MAX_TOKENS));
        Instant pricedAt = fields.optionalTime("priced_at");
        if (pricedAt != null && pricedAt.isAfter(now.plus(Ranges.MAX_PRICED_AHEAD))) {
            fields.violated("priced_at", "must be at most 24 hours ahead of now, " + Json.time(now));
        }
        message.setPricedAt(pricedAt == null ? now : pricedAt);
        return message;
    }
}
