package dev.spendledger.streams.topology;

import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.Limit;
import dev.spendledger.streams.domain.MessageFact;

/**
 * What {@link ResolveRootProcessor} hands to {@link FoldSpendProcessor}, in the partition of the root chat, which is the key.
 */
sealed interface FoldCommand {
    void deliverTo(String rootChatId, Receiver receiver);

    /** One method for each kind, so that none can be forgotten. */
    interface Receiver {
        void onOpenTree(String rootChatId, ChatFact root);

        void onAddMember(String rootChatId, AddMember member);

        void onCountMessage(String rootChatId, MessageFact message);

        void onSetLimit(String rootChatId, Limit limit);
    }

    record OpenTree(ChatFact root) implements FoldCommand {
        @Override
        public void deliverTo(String rootChatId, Receiver receiver) {
            receiver.onOpenTree(rootChatId, root);
        }
    }

    record AddMember(String chatId, String parentChatId, String accountId) implements FoldCommand {
        @Override
        public void deliverTo(String rootChatId, Receiver receiver) {
            receiver.onAddMember(rootChatId, this);
        }
    }

    record CountMessage(MessageFact message) implements FoldCommand {
        @Override
        public void deliverTo(String rootChatId, Receiver receiver) {
            receiver.onCountMessage(rootChatId, message);
        }
    }

    record SetLimit(Limit limit) implements FoldCommand {
        @Override
        public void deliverTo(String rootChatId, Receiver receiver) {
            receiver.onSetLimit(rootChatId, limit);
        }
    }
}
