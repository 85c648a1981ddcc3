package dev.spendledger.streams.topology;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Every order of a few things. */
final class Permutations {
    private Permutations() {}

    static <T> Stream<List<T>> of(List<T> things) {
        if (things.isEmpty()) {
            return Stream.of(List.of());
        }
        return IntStream.range(0, things.size()).boxed().flatMap(first -> {
            List<T> others = new ArrayList<>(things);
            T head = others.remove((int) first);
            return of(others).map(tail -> {
                List<T> order = new ArrayList<>();
                order.add(head);
                order.addAll(tail);
                return order;
            });
        });
    }
}
