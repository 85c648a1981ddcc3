package dev.spendledger.streams.domain;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A spend by model. The models that came first have a part of their own, {@link #MOST} of them; the others share one, for a
 * name that is never the same again must not make a row grow for ever.
 *
 * @param parts those that have messages, in the order of their names, {@code null} first
 */
public record Models(List<Part> parts) {
    public static final Models NONE = new Models(List.of());

    /** How many models have a part of their own. */
    public static final int MOST = 32;

    /** The name of the part of all other models; no model can have it. */
    public static final String OTHERS = "";

    /** Up to how many models it is determined which. */
    private static final int DETERMINED_MOST = 8;

    private static final Comparator<Part> BY_NAME =
            Comparator.comparing(Part::model, Comparator.nullsFirst(Comparator.naturalOrder()));

    /**
     * What was spent on one model.
     *
     * @param model null = the messages do not say; {@link #OTHERS}
     * @param totals the sum over its messages
     * @param inputTokens tokens sent, where the messages say it; as all sums of tokens modulo 2^64
     * @param outputTokens tokens received, where the messages say it
     */
    public record Part(String model, Totals totals, long inputTokens, long outputTokens) {
        private static Part empty(String model) {
            return new Part(model, Totals.ZERO, 0, 0);
        }

        private Part plus(Pricing pricing) {
            return new Part(
                    model,
                    totals.plus(pricing.costMicros()),
                    inputTokens + tokens(pricing.inputTokens()),
                    outputTokens + tokens(pricing.outputTokens()));
        }

        private Part minus(Pricing pricing) {
            return new Part(
                    model,
                    totals.minus(pricing.costMicros()),
                    inputTokens - tokens(pricing.inputTokens()),
                    outputTokens - tokens(pricing.outputTokens()));
        }

        private static long tokens(Long said) {
            return said == null ? 0 : said;
        }

        private Part and(Part other) {
            return new Part(
                    model,
                    totals.and(other.totals),
                    inputTokens + other.inputTokens,
                    outputTokens + other.outputTokens);
        }

        private boolean isOthers() {
            return OTHERS.equals(model);
        }
    }

    /** With one more message. */
    public Models plus(Pricing pricing) {
        return with(pricing.model(), part -> part.plus(pricing));
    }

    /** Without a message that was counted. */
    public Models minus(Pricing pricing) {
        return with(pricing.model(), part -> part.minus(pricing));
    }

    /**
     * All together, by model. Of those that have a part of their own anywhere, {@link #MOST} have one here, those that come
     * first; what shares a part anywhere shares it here.
     */
    public static Models sum(Iterable<Models> all) {
        Map<String, Part> sums = new HashMap<>();
        Part others = Part.empty(OTHERS);
        for (Models models : all) {
            for (Part part : models.parts) {
                if (!part.isOthers() && (sums.size() < MOST || sums.containsKey(part.model))) {
                    sums.merge(part.model, part, Part::and);
                } else {
                    others = others.and(part);
                }
            }
        }
        return new Models(Stream.concat(sums.values().stream(), Stream.of(others))
                .filter(part -> part.totals.messages() != 0)
                .sorted(BY_NAME)
                .toList());
    }

    private Models with(String model, UnaryOperator<Part> change) {
        String name = hasPartOfItsOwn(model) ? model : OTHERS;
        List<Part> changed = new ArrayList<>(parts.size() + 1);
        Part part = Part.empty(name);
        for (Part candidate : parts) {
            if (Objects.equals(candidate.model, name)) {
                part = candidate;
            } else {
                changed.add(candidate);
            }
        }
        Part after = change.apply(part);
        if (after.totals.messages() != 0) {
            changed.add(after);
            changed.sort(BY_NAME);
        }
        return new Models(List.copyOf(changed));
    }

    /** Once some share a part, no other gets one of its own: what was shared could not be told apart from it. */
    private boolean hasPartOfItsOwn(String model) {
        return parts.stream().anyMatch(part -> Objects.equals(part.model, model))
                || parts.size() < MOST && parts.stream().noneMatch(Part::isOthers);
    }

    /**
     * What the facts determine of it: of many models only the sum. Which came first is no part of that, nor how many there
     * have been until a revision has given a message another model.
     */
    Models determined() {
        return parts.size() <= DETERMINED_MOST && parts.stream().noneMatch(Part::isOthers)
                ? this
                : new Models(Stream.of(parts.stream()
                                .map(part -> new Part(OTHERS, part.totals, part.inputTokens, part.outputTokens))
                                .reduce(Part.empty(OTHERS), Part::and))
                        .toList());
    }
}
