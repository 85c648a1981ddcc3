package dev.spendledger.api.deploy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What the Dockerfile makes of the image: the instructions of its last stage. */
final class Image {
    static final Path ROOT = Path.of("..");
    private static final String WORKED_IN = "/build/";

    private final List<String> bases = new ArrayList<>();
    private final Map<String, List<String>> last = new HashMap<>();

    private Image(List<String> instructions) {
        for (String instruction : instructions) {
            String[] parts = instruction.split("\\s+", 2);
            if (parts[0].equals("FROM")) {
                bases.add(parts[1].split(" ")[0]);
                last.clear();
            } else {
                last.computeIfAbsent(parts[0], any -> new ArrayList<>()).add(parts[1]);
            }
        }
    }

    static Image read() throws IOException {
        String joined = String.join(
                        "\n",
                        Files.readAllLines(ROOT.resolve("Dockerfile")).stream()
                                .filter(line -> !line.startsWith("#"))
                                .toList())
                .replaceAll("\\\\\n\\s*", "");
        return new Image(joined.lines().filter(line -> !line.isBlank()).toList());
    }

    /** The images that its stages begin with. */
    List<String> bases() {
        return bases;
    }

    /** What it is run with, and where nothing else is said. */
    Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>();
        for (String assignment : only("ENV").split("\\s+")) {
            String[] parts = assignment.split("=", 2);
            environment.put(parts[0], parts[1]);
        }
        return environment;
    }

    /** What a container runs, with the words given after the image's name, or those in their place. */
    List<String> command(String... words) throws IOException {
        List<String> command = new ArrayList<>(words(only("ENTRYPOINT")));
        command.addAll(words.length == 0 ? words(only("CMD")) : List.of(words));
        return command;
    }

    private static List<String> words(String json) throws IOException {
        return new ObjectMapper().readValue(json, new TypeReference<List<String>>() {});
    }

    String user() {
        return only("USER");
    }

    int port() {
        return Integer.parseInt(only("EXPOSE"));
    }

    String volume() {
        return only("VOLUME");
    }

    /** Lays out below a folder what the image copies from the build, as links to what this build has made. */
    void layOut(Path folder) throws IOException {
        for (String copy : last.get("COPY")) {
            String[] words = copy.split("\\s+");
            if (words[0].equals("--from=build")) {
                link(words[1].substring(WORKED_IN.length()), folder.resolve(words[2].substring(1)), words[2]);
            }
        }
    }

    private static void link(String source, Path target, String written) throws IOException {
        Path from = ROOT.resolve(source).toAbsolutePath().normalize();
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found =
                Files.newDirectoryStream(from.getParent(), from.getFileName().toString())) {
            found.forEach(files::add);
        }
        if (files.size() != 1) {
            throw new AssertionError("The Dockerfile copies " + source + ", which is " + files);
        }
        Path link = written.endsWith("/") ? target.resolve(files.get(0).getFileName()) : target;
        Files.createDirectories(link.getParent());
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, files.get(0));
    }

    private String only(String instruction) {
        return Stream.of(last.get(instruction))
                .filter(found -> found.size() == 1)
                .findFirst()
                .orElseThrow(() -> new AssertionError(instruction + " stands there " + last.get(instruction)))
                .get(0);
    }
}
