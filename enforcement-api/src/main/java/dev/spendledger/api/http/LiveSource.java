package dev.spendledger.api.http;

import io.vertx.core.Future;
import java.util.Optional;

/** Something whose latest state an event stream shows as events without an id: missed ones are of no use to anybody. */
public interface LiveSource {
    /** What its events are called, and asked for by. */
    String kind();

    /** Whether a stream has to say of which tree. */
    boolean isOfOneTree();

    /** How long after one look the next is taken, in milliseconds. */
    long periodMs();

    /**
     * How it is now. Asked on an event loop, seldom enough for any number of streams: those that show the same share the
     * answers for a moment.
     *
     * @param rootChatId the tree that the stream is about; empty = none in particular
     * @return what is written as JSON, and sent where it is not what was sent last; empty = there is nothing to show
     */
    Future<Optional<Object>> look(Optional<String> rootChatId);
}
