package dev.spendledger.demo.failover;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a scenario came to.
 *
 * @param figures measured, in the order to show them in
 * @param failure why it could not be gone through to its end; empty = it was
 */
record Result(Scenario scenario, List<Figure> figures, Optional<String> failure) {
    Result {
        figures = List.copyOf(figures);
    }

    boolean ok() {
        return failure.isEmpty() && figures.stream().allMatch(Figure::ok);
    }

    void print(PrintWriter out) {
        int width = figures.stream()
                .mapToInt(figure -> figure.name().length())
                .max()
                .orElse(0);
        out.println(scenario.code());
        for (Figure figure : figures) {
            String line = String.format(
                    "  %-" + width + "s  %14s  %-18s  %s",
                    figure.name(),
                    figure.shownValue(),
                    figure.required(),
                    figure.ok() ? "" : "FAILED");
            out.println(line.stripTrailing());
        }
        failure.ifPresent(why -> out.println("  It could not be gone through: " + why));
        out.println("  " + (ok() ? "ok" : "FAILED"));
        out.println();
    }

    /** For a file that programs read. */
    Map<String, Object> asMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("scenario", scenario.code());
        map.put("ok", ok());
        failure.ifPresent(why -> map.put("failure", why));
        map.put("figures", figures.stream().map(Result::asMap).toList());
        return map;
    }

    private static Map<String, Object> asMap(Figure figure) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", figure.name());
        map.put("value", figure.value());
        map.put("unit", figure.unit());
        if (!figure.required().isEmpty()) {
            map.put("required", figure.required());
        }
        map.put("ok", figure.ok());
        return map;
    }
}
