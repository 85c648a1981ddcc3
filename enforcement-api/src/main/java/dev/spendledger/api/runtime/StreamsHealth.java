package dev.spendledger.api.runtime;

import dev.spendledger.api.http.Health;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Watches the life of Kafka Streams: replaces threads that die, and tells whether the instance is live and ready. */
final class StreamsHealth implements Health {
    private static final Logger log = LoggerFactory.getLogger(StreamsHealth.class);
    /** A thread that dies again and again will not be healed by one more: then the process is to be started afresh. */
    private static final int DEATHS_MOST = 20;

    private static final Duration DEATHS_WITHIN = Duration.ofMinutes(5);

    private final KafkaStreams streams;
    private final ViewFeed views;
    private final PlacementWatch placement;
    private final PeersWarmUp peers;
    private final Optional<CatchUp> catchUp;
    private final Clock clock;
    private final Deque<Instant> deaths = new ArrayDeque<>();
    private volatile boolean hasRun;
    private volatile boolean closing;

    /**
     * Watches streams that have not been started yet.
     *
     * @param views what must have been read before the instance is ready
     * @param placement what the instances must agree on
     * @param peers whom the instance must be able to ask before it is ready
     * @param catchUp what must be reached before the instance is ready; empty = it is ready without
     */
    StreamsHealth(
            KafkaStreams streams,
            ViewFeed views,
            PlacementWatch placement,
            PeersWarmUp peers,
            Optional<CatchUp> catchUp,
            Clock clock) {
        this.streams = streams;
        this.views = views;
        this.placement = placement;
        this.peers = peers;
        this.catchUp = catchUp;
        this.clock = clock;
        streams.setStateListener((now, before) -> {
            log.info("Kafka Streams has changed its state. from={} to={}", before, now);
            hasRun |= now == KafkaStreams.State.RUNNING;
        });
        streams.setUncaughtExceptionHandler(this::onDeath);
    }

    private synchronized StreamThreadExceptionResponse onDeath(Throwable cause) {
        Instant now = clock.instant();
        deaths.add(now);
        deaths.removeIf(death -> death.isBefore(now.minus(DEATHS_WITHIN)));
        boolean replace = deaths.size() <= DEATHS_MOST;
        log.error(
                "A stream thread has died. deaths_lately={} then={}",
                deaths.size(),
                replace ? "replaced" : "given up",
                cause);
        return replace ? StreamThreadExceptionResponse.REPLACE_THREAD : StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }

    /** The instance is being shut down: it wants no more requests. */
    void close() {
        closing = true;
    }

    @Override
    public List<Check> live() {
        KafkaStreams.State state = streams.state();
        return List.of(new Check("streams", state != KafkaStreams.State.ERROR, "state " + state));
    }

    @Override
    public List<Check> ready() {
        KafkaStreams.State state = streams.state();
        boolean failed = state == KafkaStreams.State.PENDING_ERROR || state == KafkaStreams.State.ERROR;
        return Stream.concat(
                        Stream.of(
                                new Check("streams", !failed, "state " + state),
                                new Check("started", hasRun, hasRun ? "the fold has run" : "the fold has not run yet"),
                                views.check(),
                                placement.check(),
                                peers.check(),
                                new Check("staying", !closing, closing ? "shutting down" : "not shutting down")),
                        catchUp.map(CatchUp::check).stream())
                .toList();
    }
}
