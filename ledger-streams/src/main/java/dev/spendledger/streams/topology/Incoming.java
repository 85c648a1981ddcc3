package dev.spendledger.streams.topology;

import dev.spendledger.streams.domain.ChatFact;
import dev.spendledger.streams.domain.LimitFact;
import dev.spendledger.streams.domain.MessageFact;
import dev.spendledger.streams.domain.Resolution.Question;
import dev.spendledger.streams.domain.Root;
import dev.spendledger.streams.intake.Source;
import java.time.Instant;

/** What {@link AcceptProcessor} hands to {@link ResolveRootProcessor}: a readable fact, or the ledger's word to itself. */
sealed interface Incoming {
    void deliverTo(Receiver receiver);

    /** One method for each kind, so that none can be forgotten. */
    interface Receiver {
        void onChat(Chat chat);

        void onLimit(LimitSet limit);

        void onMessage(Message message);

        void onQuestion(RootQuestion question);

        void onAnswer(RootAnswer answer);

        void onMember(Member member);

        void onReleaseMore(ReleaseMore more);

        void onCanary(Canary canary);
    }

    record Chat(ChatFact fact, Source source) implements Incoming {
        @Override
        public void deliverTo(Receiver receiver) {
            receiver.onChat(this);
        }
    }

    record LimitSet(LimitFact fact, Source source) implements Incoming {
        @Override
        public void deliverTo(Receiver receiver) {
            receiver.onLimit(this);
        }
    }

    /**
     * @param addressee the chat or root chat whose partition the message was sent to, by its producer or by the ledger
     * @param routed whether the ledger has sent it here
     */
    record Message(String addressee, boolean routed, MessageFact fact, Source source) implements Incoming {
        @Override
        public void deliverTo(Receiver receiver) {
            receiver.onMessage(this);
        }
    }

    record RootQuestion(String askedChatId, Question question) implements Incoming {
        @Override
        public void deliverTo(Receiver receiver) {
            receiver.onQuestion(this);
        }
    }

    record RootAnswer(String originChatId, Root root) implements Incoming {
        @Override
        public void deliverTo(Receiver receiver) {
            receiver.onAnswer(this);
        }
    }

    record Member(String rootChatId, String chatId, String parentChatId, String accountId) implements Incoming {
        @Override
        public void deliverTo(Receiver receiver) {
            receiver.onMember(this);
        }
    }

    record ReleaseMore(String chatId) implements Incoming {
        @Override
        public void deliverTo(Receiver receiver) {
            receiver.onReleaseMore(this);
        }
    }

    record Canary(Instant sentAt) implements Incoming {
        @Override
        public void deliverTo(Receiver receiver) {
            receiver.onCanary(this);
        }
    }
}
