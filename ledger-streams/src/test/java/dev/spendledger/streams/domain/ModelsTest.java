package dev.spendledger.streams.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.streams.domain.Models.Part;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelsTest {
    @Test
    void shouldSumTheCostAndTheTokensOfEachModelInTheOrderOfTheirNames() {
        // When
        Models models = Models.NONE
                .plus(new Pricing(0, 7L, "small", 1L, 2L))
                .plus(new Pricing(0, 100L, "large", 10L, 20L))
                .plus(new Pricing(0, null, "small", null, 3L))
                .plus(new Pricing(0, 5L, null, null, null));

        // Then
        assertThat(models.parts())
                .containsExactly(
                        new Part(null, Totals.ZERO.plus(5L), 0, 0),
                        new Part("large", Totals.ZERO.plus(100L), 10, 20),
                        new Part("small", Totals.ZERO.plus(7L).plus(null), 1, 5));
    }

    @Test
    void shouldTakeAMessageAwayAgain() {
        // Given
        Pricing before = new Pricing(0, 7L, "small", 1L, 2L);
        Pricing other = new Pricing(0, 1L, "small", 1L, 1L);

        // When
        Models models = Models.NONE.plus(before).plus(other).minus(before);

        // Then
        assertThat(models).isEqualTo(Models.NONE.plus(other));
        assertThat(models.minus(other)).isEqualTo(Models.NONE);
    }

    @Test
    void shouldNotGrowForEverWhereNoNameIsTheSameAgain() {
        // Given
        Models models = Models.NONE;

        // When
        for (int i = 0; i < 1_000; i++) {
            models = models.plus(priced("request-" + i));
        }

        // Then
        assertThat(models.parts()).hasSize(Models.MOST + 1);
        assertThat(models.parts().get(0))
                .isEqualTo(new Part(Models.OTHERS, new Totals(BigInteger.valueOf(968), 968, 0), 968, 968));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 8, 9, 32, 33, 40})
    void shouldComeToTheSameInEveryOrderAsFarAsTheFactsDetermineIt(int names) {
        // Given
        List<Pricing> messages = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            messages.add(priced("model-" + i % names));
        }
        Models inOrder = all(messages);

        // When
        Collections.shuffle(messages, new Random(names));
        Models shuffled = all(messages);

        // Then
        assertThat(shuffled.determined()).isEqualTo(inOrder.determined());
        assertThat(inOrder.determined().parts()).hasSize(names <= 8 ? names : 1);
    }

    @Test
    void shouldBeConsistentWhenAModelThatSharesAPartIsTakenAway() {
        // Given
        Models full = Models.NONE;
        for (int i = 0; i <= Models.MOST; i++) {
            full = full.plus(priced("model-%02d".formatted(i)));
        }

        // When
        Models models = full.minus(priced("model-00"))
                .plus(priced("model-32"))
                .minus(priced("model-32"))
                .minus(priced("model-32"));

        // Then
        assertThat(models.parts()).hasSize(Models.MOST - 1);
        assertThat(models.parts()).allMatch(part -> part.totals().equals(Totals.ZERO.plus(1L)));
        assertThat(models.parts()).noneMatch(part -> part.model().equals(Models.OTHERS));
    }

    @Test
    void shouldComeToTheSameWhereARevisionHasTakenAModelAwayAgain() {
        // Given
        Models first = Models.NONE;
        Models revised = Models.NONE.plus(priced("model-01"));
        for (int i = 1; i <= Models.MOST; i++) {
            revised = revised.plus(priced("model-%02d".formatted(i)));
        }
        for (int i = 0; i <= Models.MOST; i++) {
            first = first.plus(priced("model-%02d".formatted(i)));
        }

        // When
        Models moved = first.minus(priced("model-00")).plus(priced("model-01"));

        // Then
        assertThat(moved.determined()).isEqualTo(revised.determined());
    }

    @Test
    void shouldTakeNoModelForTheOthersWhateverItIsCalled() {
        assertThat(Models.NONE.plus(priced("(other)")).plus(priced("a")).parts())
                .extracting(Part::model)
                .containsExactly("(other)", "a");
    }

    @Test
    void shouldAddUpByModel() {
        // Given
        Models one = Models.NONE.plus(priced("a")).plus(priced("b")).plus(priced(null));
        Models other = Models.NONE.plus(priced("b")).plus(priced("c")).plus(priced(null));

        // When
        Models sum = Models.sum(List.of(one, Models.NONE, other));

        // Then
        assertThat(sum)
                .isEqualTo(all(Stream.of(null, "a", "b", "c", "b", null)
                        .map(ModelsTest::priced)
                        .toList()));
        assertThat(Models.sum(List.of())).isEqualTo(Models.NONE);
    }

    /** As one who takes each message of the first, then each of the second, and so on. */
    @ParameterizedTest
    @ValueSource(ints = {3, 16, 17, 40})
    void shouldAddUpAsIfTheMessagesHadComeOneAfterTheOther(int names) {
        // Given
        List<Pricing> messages = new ArrayList<>();
        IntStream.range(0, 100).forEach(i -> messages.add(priced("model-" + i % names)));
        List<Models> all = IntStream.range(0, 10)
                .mapToObj(i -> all(messages.subList(i * 10, i * 10 + 10)))
                .toList();

        // When
        Models sum = Models.sum(all);

        // Then
        assertThat(sum).isEqualTo(all(messages));
    }

    @Test
    void shouldKeepWhatSharesAPartTogetherWhereItIsAddedUp() {
        // Given
        List<Pricing> messages = IntStream.range(0, Models.MOST + 4)
                .mapToObj(i -> priced("model-" + i))
                .toList();

        // When
        Models sum = Models.sum(List.of(all(messages), Models.NONE.plus(priced("another"))));

        // Then
        assertThat(sum.parts()).hasSize(Models.MOST + 1);
        assertThat(sum.parts().get(0))
                .isEqualTo(new Part(Models.OTHERS, new Totals(BigInteger.valueOf(5), 5, 0), 5, 5));
    }

    private static Models all(List<Pricing> messages) {
        Models models = Models.NONE;
        for (Pricing message : messages) {
            models = models.plus(message);
        }
        return models;
    }

    private static Pricing priced(String model) {
        return new Pricing(0, 1L, model, 1L, 1L);
    }
}
