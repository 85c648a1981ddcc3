package dev.spendledger.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.spendledger.api.runtime.LedgerConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** How a measurement is shown, and kept with what it was made on. */
final class Results {
    private static final Path FOLDER = Path.of("ledger-data", "bench");

    private Results() {}

    /**
     * Prints the figures as a table and writes them to the file of the measurement.
     *
     * @param title what was measured, how often, and in which unit
     * @param settings what it was measured with
     */
    static void report(
            PrintWriter out, String bench, String title, Map<String, Object> settings, Map<String, Spread> figures)
            throws IOException {
        out.println(title);
        int width = figures.keySet().stream().mapToInt(String::length).max().orElse(0);
        String row = "%-" + width + "s %10.2f %10.2f %10.2f%n";
        out.printf("%-" + width + "s %10s %10s %10s%n", "", "median", "min", "max");
        figures.forEach((name, figure) -> out.printf(row, name, figure.median(), figure.min(), figure.max()));

        Map<String, Object> result = new LinkedHashMap<>();
        result.put("bench", bench);
        result.putAll(settings);
        result.put("figures", figures);
        result.put("cores", Runtime.getRuntime().availableProcessors());
        result.put("processor", processor());
        result.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        result.put("java", System.getProperty("java.vm.name") + " " + Runtime.version());
        result.put("version", LedgerConfig.class.getPackage().getImplementationVersion());
        Files.createDirectories(FOLDER);
        Path file = FOLDER.resolve(bench + ".json");
        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(file.toFile(), result);
        out.println("Written to " + file + ".");
    }

    /** As Linux names it; elsewhere only its kind is known. */
    private static String processor() throws IOException {
        Path file = Path.of("/proc/cpuinfo");
        if (!Files.exists(file)) {
            return System.getProperty("os.arch");
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        }
    }
}
