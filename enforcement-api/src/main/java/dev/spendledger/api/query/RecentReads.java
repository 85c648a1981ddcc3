package dev.spendledger.api.query;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * What was read of trees a moment ago, by their roots: whoever asks for the same is answered by the same read, also while it
 * is on its way. One that has failed is not kept. Bounded. Thread-safe.
 */
final class RecentReads<T> {
    private final Cache<String, Read<T>> reads;

    private record Read<T>(int weight, Future<T> result) {}

    /**
     * @param most what those that are kept may weigh together
     * @param kept from the beginning of a read on
     */
    RecentReads(long most, Duration kept) {
        this.reads = Caffeine.newBuilder()
                .maximumWeight(most)
                .weigher((String root, Read<T> read) -> read.weight)
                .expireAfterWrite(kept)
                .build();
    }

    /** @param weight in the unit of the bound */
    Future<T> get(String rootChatId, long weight, Supplier<Future<T>> read) {
        Read<T> shared = reads.get(rootChatId, root -> new Read<>(Math.toIntExact(weight), read.get()));
        return shared.result.onFailure(failure -> reads.asMap().remove(rootChatId, shared));
    }
}
