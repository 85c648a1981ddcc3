package dev.spendledger.api;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.spendledger.schemas.BundledRegistry;
import dev.spendledger.schemas.Topic;
import dev.spendledger.streams.domain.RejectReason;
import dev.spendledger.streams.topology.DeadLetters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.avro.JsonProperties;
import org.apache.avro.Schema;
import org.apache.kafka.common.config.TopicConfig;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The documents say what the code says, lead where they point, and keep to the words of the glossary. */
class DocumentsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path EVENTS = ROOT.resolve("docs/events.md");
    private static final Path GLOSSARY = ROOT.resolve("docs/glossary.md");
    private static final Path DECISIONS = ROOT.resolve("docs/decisions");
    private static final Path OPEN_API = ROOT.resolve("enforcement-api/src/main/resources/openapi.yaml");

    /** What no document of ours is in: built files, data, and the packages of others. */
    private static final Set<String> NO_DOCUMENTS = Set.of("target", "ledger-data", "node_modules");

    private static final Pattern LINK = Pattern.compile("\\[[^\\]]*\\]\\(([^)\\s]+)\\)");
    private static final Pattern FENCED = Pattern.compile("(?ms)^ *```.*?^ *```$");

    @ParameterizedTest
    @EnumSource(Topic.class)
    void shouldSayHowATopicIsKept(Topic topic) {
        // Given
        String cleanup = "`" + topic.setup().get(TopicConfig.CLEANUP_POLICY_CONFIG) + "`";
        String time = "`" + topic.setup().get(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG) + "`";

        // When
        List<List<String>> rows = rows(EVENTS, "Topics").stream()
                .filter(row -> row.get(0).equals("`" + topic.baseName() + "`"))
                .toList();

        // Then
        assertThat(rows)
                .singleElement()
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .endsWith(cleanup, time);
    }

    static Stream<Schema> eventSchemas() {
        return Stream.of(Topic.values()).flatMap(topic -> topic.recordSchema().stream());
    }

    @ParameterizedTest
    @MethodSource("eventSchemas")
    void shouldShowTheSchemaIdAndEveryFieldOfAnEvent(Schema schema) {
        // Given
        String id =
                String.format("Schema id under `bundled:`: `0x%08x`%n%n", new BundledRegistry().idOf("any", schema));

        // When
        String shown = Stream.concat(
                        Stream.of(id + "| field | type | meaning |", "|---|---|---|"),
                        schema.getFields().stream().map(DocumentsTest::row))
                .collect(joining("\n"));

        // Then
        assertThat(read(EVENTS).contains(shown))
                .as("docs/events.md must show %s exactly so:%n%s%n", schema.getName(), shown)
                .isTrue();
    }

    @Test
    void shouldListTheReasonsOfDeadLettersAndNoOthers() {
        // Given
        List<String> reasons = Stream.of(RejectReason.values())
                .map(reason -> "`" + reason.code() + "`")
                .toList();

        // When
        List<String> listed =
                rows(EVENTS, "Reasons").stream().map(row -> row.get(0)).toList();

        // Then
        assertThat(listed).containsExactlyElementsOf(reasons);
    }

    @Test
    void shouldListTheHeadersOfDeadLettersAndNoOthers() {
        // Given
        List<String> headers = Stream.of(
                        DeadLetters.REASON,
                        DeadLetters.DETAIL,
                        DeadLetters.ORIGINAL_TIMESTAMP,
                        DeadLetters.TOPIC,
                        DeadLetters.PARTITION,
                        DeadLetters.OFFSET)
                .map(header -> "`" + header + "`")
                .toList();

        // When
        List<String> listed =
                rows(EVENTS, "Headers").stream().map(row -> row.get(0)).toList();

        // Then
        assertThat(listed).containsExactlyElementsOf(headers);
    }

    @Test
    void shouldDefineTheWordsOfTheLedger() {
        // Given
        List<String> words = List.of("chat", "root", "tree", "message", "spend", "limit", "scope", "period");

        // When
        List<String> defined =
                rows(GLOSSARY, "Words").stream().map(row -> row.get(0)).toList();

        // Then
        assertThat(defined).containsAll(words).doesNotHaveDuplicates();
    }

    static Stream<Path> documents() {
        return documentsIn(ROOT).stream();
    }

    /** Folder by folder, and never into those that are written while tests run. */
    private static List<Path> documentsIn(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> {
                        String name = entry.getFileName().toString();
                        return !name.startsWith(".") && !NO_DOCUMENTS.contains(name);
                    })
                    .flatMap(entry -> Files.isDirectory(entry)
                            ? documentsIn(entry).stream()
                            : Stream.of(entry).filter(file -> file.toString().endsWith(".md")))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void shouldLinkOnlyToWhatIsThere(Path document) {
        // Given
        List<String> links = LINK.matcher(FENCED.matcher(read(document)).replaceAll(""))
                .results()
                .map(match -> match.group(1))
                .filter(link -> !link.matches("[a-z]+:.*"))
                .toList();

        // When
        List<String> broken =
                links.stream().filter(link -> !leadsSomewhere(document, link)).toList();

        // Then
        assertThat(broken).isEmpty();
    }

    static Stream<Path> texts() {
        return Stream.concat(documents().filter(document -> !document.equals(GLOSSARY)), Stream.of(OPEN_API));
    }

    @ParameterizedTest
    @MethodSource("texts")
    void shouldUseNoWordThatTheGlossaryRulesOut(Path text) {
        // Given
        Set<String> ruledOut = Set.copyOf(rows(GLOSSARY, "Words that are not used").stream()
                .map(row -> row.get(0))
                .toList());

        // When
        List<String> words = Stream.of(read(text).toLowerCase(Locale.ROOT).split("[^a-z]+"))
                .map(word -> word.endsWith("s") ? word.substring(0, word.length() - 1) : word)
                .filter(ruledOut::contains)
                .toList();

        // Then
        assertThat(ruledOut).isNotEmpty();
        assertThat(words).isEmpty();
    }

    static Stream<Path> decisions() {
        return documents()
                .filter(document -> document.startsWith(DECISIONS))
                .filter(document -> !document.endsWith("README.md"));
    }

    @ParameterizedTest
    @MethodSource("decisions")
    void shouldRecordADecisionWithItsContextAndItsConsequences(Path decision) {
        // Given
        String index = read(DECISIONS.resolve("README.md"));

        // When
        List<String> headings =
                headings(decision).filter(heading -> heading.startsWith("## ")).toList();

        // Then
        assertThat(headings).containsExactly("## Context", "## Decision", "## Consequences");
        assertThat(index).contains("](" + decision.getFileName() + ")");
    }

    private static String row(Schema.Field field) {
        return "| `" + field.name() + "` | " + type(field) + " | " + field.doc() + " |";
    }

    private static String type(Schema.Field field) {
        Schema schema = field.schema();
        if (schema.isUnion()) {
            return type(schema.getTypes().get(1)) + ", optional";
        }
        Object defaultValue = field.defaultVal();
        return type(schema)
                + (defaultValue == null || defaultValue == JsonProperties.NULL_VALUE
                        ? ""
                        : ", default " + defaultValue);
    }

    private static String type(Schema schema) {
        if (schema.getLogicalType() != null) {
            return schema.getLogicalType().getName();
        }
        return switch (schema.getType()) {
            case ARRAY -> "array of " + type(schema.getElementType());
            case ENUM ->
                "enum of "
                        + schema.getEnumSymbols().stream()
                                .map(symbol -> "`" + symbol + "`")
                                .collect(joining(", "));
            default -> schema.getType().getName();
        };
    }

    /** The cells of the first table below a heading, row by row, without its head. */
    static List<List<String>> rows(Path document, String heading) {
        List<String> below = read(document)
                .lines()
                .dropWhile(line -> !line.matches("#+ " + Pattern.quote(heading)))
                .skip(1)
                .takeWhile(line -> !line.startsWith("#"))
                .dropWhile(line -> !line.startsWith("|"))
                .takeWhile(line -> line.startsWith("|"))
                .toList();
        assertThat(below)
                .as("table below the heading %s of %s", heading, document)
                .hasSizeGreaterThan(2);
        return below.stream().skip(2).map(DocumentsTest::cells).toList();
    }

    private static List<String> cells(String row) {
        return Stream.of(row.substring(1, row.lastIndexOf('|')).split("\\|"))
                .map(String::trim)
                .toList();
    }

    private static boolean leadsSomewhere(Path document, String link) {
        int hash = link.indexOf('#');
        String file = hash < 0 ? link : link.substring(0, hash);
        Path target = file.isEmpty() ? document : document.resolveSibling(file).normalize();
        return Files.exists(target)
                && (hash < 0
                        || headings(target).map(DocumentsTest::anchor).toList().contains(link.substring(hash + 1)));
    }

    private static Stream<String> headings(Path document) {
        return FENCED.matcher(read(document)).replaceAll("").lines().filter(line -> line.matches("#+ .*"));
    }

    /** As GitHub makes it: lower case, spaces to dashes, other punctuation left out. */
    private static String anchor(String heading) {
        return heading.replaceFirst("#+ ", "")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .replace(' ', '-');
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
