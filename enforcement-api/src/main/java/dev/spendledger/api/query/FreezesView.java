package dev.spendledger.api.query;

import dev.spendledger.schemas.Topic;
import dev.spendledger.streams.domain.Freeze;
import dev.spendledger.streams.intake.LatestFactReader;
import dev.spendledger.streams.intake.RejectedRecordException;
import dev.spendledger.streams.intake.Source;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What this instance knows of the freezes of trees: all of them, in memory. One thread writes, and any may read. */
public final class FreezesView extends View {
    private final LatestFactReader reader;
    private final Map<String, Freeze> freezes = new ConcurrentHashMap<>();

    private final LatestFactReader.Receiver receiver = new LatestFactReader.Receiver() {
        @Override
        public void onFreeze(String rootChatId, Optional<Freeze> freeze) {
            freezes.compute(rootChatId, (same, before) -> freeze.orElse(null));
        }
    };

    public FreezesView(LatestFactReader reader) {
        super(Topic.CHAT_FREEZES);
        this.reader = reader;
    }

    @Override
    protected void read(Source source) throws RejectedRecordException {
        reader.read(source, receiver);
    }

    /**
     * The freeze of a tree; empty = it is not frozen.
     *
     * @param rootChatId its root; of the id of another chat the answer says nothing
     */
    public Optional<Freeze> freeze(String rootChatId) {
        return Optional.ofNullable(freezes.get(rootChatId));
    }
}
