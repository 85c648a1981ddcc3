package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The script {@code ledger} in a small copy of the project, with a {@code mvn} and mostly a {@code java} that only say how
 * they were called. Nothing is on the {@code PATH} but what the script may need.
 */
@Timeout(60)
class LauncherIT {
    private static final Path LAUNCHER = Path.of("..", "ledger");
    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final List<String> TOOLS = List.of(
            "bash", "cat", "dirname", "env", "find", "ln", "mkdir", "mv", "readlink", "rm", "sed", "sleep", "touch");

    private static final FileTime OLD = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));
    private static final FileTime BUILT = FileTime.from(Instant.parse("2026-02-01T00:00:00Z"));

    @TempDir
    Path dir;

    private Path root;
    private Path bin;
    private Path jdk;

    private record Result(int status, String output, String errors, long pid) {}

    @BeforeEach
    void copyTheProject() throws IOException {
        root = Files.createDirectory(dir.resolve("a place with spaces"));
        Files.copy(LAUNCHER, root.resolve("ledger"), StandardCopyOption.COPY_ATTRIBUTES);
        for (String file : List.of(
                "pom.xml",
                "demo/pom.xml",
                "demo/src/main/java/Demo.java",
                "demo/src/main/java/Other.java",
                "enforcement-api/pom.xml",
                "enforcement-api/src/main/resources/openapi.yaml",
                "target/built")) {
            write(root.resolve(file), "");
        }
        Files.createDirectories(root.resolve("demo/target/lib"));
        Files.createDirectories(root.resolve("enforcement-api/target/lib"));
        makeOld(root);
        Files.setLastModifiedTime(root.resolve("target/built"), BUILT);

        bin = Files.createDirectory(dir.resolve("bin"));
        for (String tool : TOOLS) {
            Files.createSymbolicLink(bin.resolve(tool), onThePath(tool));
        }
        script(
                bin.resolve("mvn"),
                "echo built >>" + quoted(dir.resolve("builds")),
                "echo \"$*\" >" + quoted(dir.resolve("options")),
                "mkdir -p " + quoted(root.resolve("demo/target/lib")));
        jdk = dir.resolve("jdk");
        java("openjdk version \"17.0.15\" 2025-04-15");
    }

    /** JUnit would warn of each that leads out of the folder it deletes. */
    @AfterEach
    void deleteLinks() throws IOException {
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path link : files.filter(Files::isSymbolicLink).toList()) {
                Files.delete(link);
            }
        }
    }

    @Test
    void shouldRunFromAnotherFolderAndThroughLinks() throws Exception {
        // Given
        Files.delete(root.resolve("demo/target/lib"));
        Files.createSymbolicLink(root.resolve("demo/target/lib"), TARGET.resolve("lib"));
        try (Stream<Path> files = Files.list(TARGET)) {
            for (Path jar :
                    files.filter(file -> file.toString().endsWith(".jar")).toList()) {
                Files.createSymbolicLink(root.resolve("demo/target").resolve(jar.getFileName()), jar);
            }
        }
        Path elsewhere = Files.createDirectory(dir.resolve("elsewhere"));
        Files.createSymbolicLink(
                elsewhere.resolve("link"), Path.of("..", root.getFileName().toString(), "ledger"));
        Files.createSymbolicLink(elsewhere.resolve("link to a link"), elsewhere.resolve("link"));
        jdk = Path.of(System.getProperty("java.home"));

        // When
        Result result = run(elsewhere, Map.of(), "./link to a link", "--version");

        // Then
        assertThat(result.errors()).isEmpty();
        assertThat(result.output()).startsWith("Chat Spend Ledger ").doesNotContain("not packaged");
        assertThat(result.status()).isZero();
        assertThat(builds()).isZero();
    }

    @Test
    void shouldBecomeTheJavaProcessSoThatSignalsReachIt() throws Exception {
        // When
        Result result = run("dev");

        // Then
        assertThat(result.output()).contains("pid " + result.pid());
    }

    @Test
    void shouldHandItsArgumentsOnAsTheyAre() throws Exception {
        // When
        Result result = run("dev", "--data-dir", "with  spaces", "", "*");

        // Then
        assertThat(arguments(result))
                .endsWith("dev.spendledger.demo.Main", "dev", "--data-dir", "with  spaces", "", "*");
    }

    @Test
    void shouldTellWhereItIs() throws Exception {
        // When
        Result result = run("dev");

        // Then
        assertThat(arguments(result)).contains("-Dledger.home=" + root);
    }

    @Test
    void shouldGiveTheJvmMoreOptionsAfterItsOwn() throws Exception {
        // When
        Result result = run(dir, Map.of("LEDGER_JAVA_OPTS", "-Xmx2g  -Dsome=value"), root + "/ledger", "dev");

        // Then
        assertThat(arguments(result)).containsSubsequence("-Xmx1g", "-Xmx2g", "-Dsome=value", "-cp");
    }

    @ParameterizedTest
    @ValueSource(strings = {"serve", "topics", "config", "dead-letters", "verify", "trace", "replay"})
    void shouldKeepTheBrokerFromWhatRunsAgainstARealCluster(String command) throws Exception {
        // When
        Result result = run(command);

        // Then
        String target = root + "/enforcement-api/target/";
        assertThat(arguments(result))
                .containsSubsequence(
                        "-cp", target + "*:" + target + "lib/*", "dev.spendledger.api.command.Main", command)
                .doesNotContain("-XX:TieredStopAtLevel=1");
    }

    @Test
    void shouldNotBuildWhatIsNewerThanItsSources() throws Exception {
        // When
        Result result = run("dev");

        // Then
        assertThat(result.status()).isZero();
        assertThat(result.errors()).isEmpty();
        assertThat(builds()).isZero();
    }

    private enum Change {
        NEVER_BUILT,
        SOURCE_CHANGED,
        SOURCE_ADDED,
        SOURCE_DELETED,
        RESOURCE_CHANGED,
        POM_CHANGED,
        MODULE_POM_CHANGED,
        TARGET_DELETED
    }

    @ParameterizedTest
    @EnumSource
    void shouldBuildWhatIsMissingOrOlderThanItsSources(Change change) throws Exception {
        // Given
        switch (change) {
            case NEVER_BUILT -> Files.delete(root.resolve("target/built"));
            case SOURCE_CHANGED -> write(root.resolve("demo/src/main/java/Demo.java"), "changed");
            case SOURCE_ADDED -> write(root.resolve("demo/src/main/java/more/Third.java"), "");
            case SOURCE_DELETED -> Files.delete(root.resolve("demo/src/main/java/Other.java"));
            case RESOURCE_CHANGED -> write(root.resolve("enforcement-api/src/main/resources/openapi.yaml"), "changed");
            case POM_CHANGED -> write(root.resolve("pom.xml"), "changed");
            case MODULE_POM_CHANGED -> write(root.resolve("demo/pom.xml"), "changed");
            case TARGET_DELETED -> Files.delete(root.resolve("demo/target/lib"));
        }

        // When
        Result first = run("dev");
        Result second = run("dev");

        // Then
        assertThat(first.errors()).contains("Building the ledger");
        assertThat(second.errors()).isEmpty();
        assertThat(List.of(first.status(), second.status())).containsOnly(0);
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void shouldLeaveNothingOfAnOlderBuildOnTheClassPath() throws Exception {
        // Given
        write(root.resolve("demo/target/demo-0.0.1.jar"), "");
        write(root.resolve("demo/target/lib/old.jar"), "");
        write(root.resolve("pom.xml"), "changed");

        // When
        run("dev");

        // Then
        assertThat(root.resolve("demo/target/demo-0.0.1.jar")).doesNotExist();
        assertThat(root.resolve("demo/target/lib")).isEmptyDirectory();
    }

    @Test
    void shouldBuildWithTheOptionsForMavenAndAgainOnceTheyChange() throws Exception {
        // Given
        Map<String, String> options = Map.of("LEDGER_MAVEN_OPTS", "-Pconfluent  -Dconfluent.repository=file:/here");

        // When
        run(dir, options, root + "/ledger", "dev");
        String given = Files.readString(dir.resolve("options"));
        run(dir, options, root + "/ledger", "dev");
        int buildsWithTheSame = builds();
        run("dev");

        // Then
        assertThat(given).contains("-Pconfluent -Dconfluent.repository=file:/here package");
        assertThat(buildsWithTheSame).isEqualTo(1);
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void shouldBuildOnceWhenTwoAreStartedTogether() throws Exception {
        // Given
        Files.delete(root.resolve("target/built"));
        Process other = start(dir, Map.of(), root + "/ledger", "dev");

        // When
        Result result = run("dev");

        // Then
        assertThat(other.waitFor()).isZero();
        assertThat(result.status()).isZero();
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void shouldNotWaitForABuildThatWasKilled() throws Exception {
        // Given
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        Files.createSymbolicLink(root.resolve("target/building"), Path.of("" + ended.pid()));
        Files.delete(root.resolve("target/built"));

        // When
        Result result = run("dev");

        // Then
        assertThat(result.status()).isZero();
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void shouldSayThatABuildFailedAndBuildAgainTheNextTime() throws Exception {
        // Given
        Files.delete(root.resolve("target/built"));
        script(bin.resolve("mvn"), "echo built >>" + quoted(dir.resolve("builds")), "exit 1");

        // When
        Result first = run("dev");
        Result second = run("dev");

        // Then
        assertThat(first.status()).isEqualTo(1);
        assertThat(first.errors()).contains("ledger: the build failed");
        assertThat(first.output()).isEmpty();
        assertThat(second.status()).isEqualTo(1);
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void shouldSayThatMavenIsMissing() throws Exception {
        // Given
        Files.delete(root.resolve("target/built"));
        Files.delete(bin.resolve("mvn"));

        // When
        Result result = run("dev");

        // Then
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.errors())
                .contains("ledger: there is no mvn", "Maven 3.8")
                .hasLineCount(1);
    }

    @Test
    void shouldNeedNoMavenOnceBuilt() throws Exception {
        // Given
        Files.delete(bin.resolve("mvn"));

        // When
        Result result = run("dev");

        // Then
        assertThat(result.status()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"java version \"1.8.0_392\"", "openjdk version \"11.0.21\" 2023-10-17", "no version at all"})
    void shouldSayThatTheJdkIsTooOld(String says) throws Exception {
        // Given
        java(says);

        // When
        Result result = run("dev");

        // Then
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.errors()).contains("ledger: ", "is too old", "JDK 17 or newer", says);
        assertThat(result.output()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"openjdk version \"17\" 2021-09-14", "openjdk version \"26-ea\" 2026-03-17"})
    void shouldTakeAnyNewerJdk(String says) throws Exception {
        // Given
        java(says);

        // When
        Result result = run("dev");

        // Then
        assertThat(result.status()).isZero();
    }

    @Test
    void shouldSayThatThereIsNoJdk() throws Exception {
        // Given
        jdk = dir.resolve("nowhere");

        // When
        Result result = run("dev");

        // Then
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.errors())
                .contains("ledger: there is no ", "nowhere/bin/java", "JDK 17")
                .hasLineCount(1);
    }

    private Result run(String... arguments) throws Exception {
        return run(
                dir,
                Map.of(),
                Stream.concat(Stream.of(root + "/ledger"), Stream.of(arguments)).toArray(String[]::new));
    }

    private Result run(Path workingDir, Map<String, String> environment, String... command) throws Exception {
        Process process = start(workingDir, environment, command);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Result(
                process.exitValue(),
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8),
                new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8),
                process.pid());
    }

    private Process start(Path workingDir, Map<String, String> environment, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(workingDir.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", bin.toString());
        builder.environment().put("JAVA_HOME", jdk.toString());
        // Would have `cd` go elsewhere, and say so.
        builder.environment().put("CDPATH", "/");
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static List<String> arguments(Result result) {
        return result.output().lines().filter(line -> !line.startsWith("pid ")).toList();
    }

    private int builds() throws IOException {
        Path builds = dir.resolve("builds");
        return Files.exists(builds) ? Files.readAllLines(builds).size() : 0;
    }

    private void java(String says) throws IOException {
        script(
                jdk.resolve("bin/java"),
                "if [ \"$1\" = -version ]; then",
                "  echo 'Picked up JAVA_TOOL_OPTIONS: -Dsome=value' >&2",
                "  echo '" + says + "' >&2",
                "  exit",
                "fi",
                "echo pid $$",
                "printf '%s\\n' \"$@\"");
    }

    private static void script(Path file, String... lines) throws IOException {
        write(file, "#!/usr/bin/env bash\n" + String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static void makeOld(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList()) {
                Files.setLastModifiedTime(file, OLD);
            }
        }
    }

    private static Path onThePath(String tool) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> Path.of(folder, tool))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError("There is no " + tool + " here"));
    }

    private static String quoted(Path path) {
        return "'" + path + "'";
    }
}
