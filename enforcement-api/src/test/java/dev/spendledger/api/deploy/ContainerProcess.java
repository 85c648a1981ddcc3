package dev.spendledger.api.deploy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/**
 * What would run in a container, as a process of this machine: the command and the environment as they are written, but for
 * addresses, ports and folders. Killed when closed.
 */
final class ContainerProcess implements AutoCloseable {
    private final Path folder;
    private final Map<String, String> here;
    private final Map<String, String> environment;
    private final Process process;

    private ContainerProcess(
            Path folder, Map<String, String> here, Map<String, String> environment, List<String> command)
            throws IOException {
        this.folder = folder;
        this.here = here;
        this.environment = environment;
        process = start(command, folder.resolve("log.txt").toFile());
    }

    /**
     * Starts it.
     *
     * @param root of the file system that the image would have
     * @param folder for what it writes
     * @param here what stands here for something there, by what a word or a value begins with
     * @param memory that the container would have, as the JVM takes it
     */
    static ContainerProcess start(
            Path root,
            Path folder,
            Map<String, String> here,
            Map<String, String> environment,
            List<String> command,
            String memory)
            throws IOException {
        Files.createDirectories(folder.resolve("empty"));
        Path tmp = Files.createDirectories(folder.resolve("tmp"));
        Map<String, String> all = new LinkedHashMap<>(here);
        all.put("/opt/ledger", root.resolve("opt/ledger").toString());
        all.put("/var/lib/ledger", folder.resolve("volume").toString());
        all.put("/tmp", tmp.toString());
        all.put("0.0.0.0", "127.0.0.1");
        Map<String, String> changed = new LinkedHashMap<>();
        environment.forEach((name, value) -> changed.put(name, here(all, value)));
        changed.put("JDK_JAVA_OPTIONS", "-XX:MaxRAM=" + memory + " -Djava.io.tmpdir=" + tmp);
        return new ContainerProcess(folder, all, changed, command);
    }

    private static String here(Map<String, String> here, String value) {
        return here.entrySet().stream()
                .filter(one -> value.startsWith(one.getKey()))
                .findFirst()
                .map(one -> value.replace(one.getKey(), one.getValue()))
                .orElse(value);
    }

    private Process start(List<String> command, File log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        command.stream().map(word -> here(here, word)).toList())
                .directory(folder.resolve("empty").toFile())
                .redirectErrorStream(true)
                .redirectOutput(log);
        builder.environment().clear();
        builder.environment()
                .put(
                        "PATH",
                        Path.of(System.getProperty("java.home"), "bin") + File.pathSeparator + System.getenv("PATH"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** Runs another command in the same container, to its end. */
    int execute(List<String> command, Duration within) throws IOException, InterruptedException {
        Path log = folder.resolve("executed.txt");
        Process executed = start(command, log.toFile());
        try {
            if (!executed.waitFor(within.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(command + " does not end; it said: " + Files.readString(log));
            }
            return executed.exitValue();
        } finally {
            executed.destroyForcibly();
        }
    }

    String executedLog() throws IOException {
        return Files.readString(folder.resolve("executed.txt"));
    }

    String log() throws IOException {
        return Files.readString(folder.resolve("log.txt"));
    }

    Path folder() {
        return folder;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Tells it to stop, as a container's engine does. */
    void terminate() {
        // Not by the process itself, which would close the pipe to its input as well.
        process.toHandle().destroy();
    }

    /** Its exit status; empty = it has not ended within the time. */
    OptionalInt endWithin(Duration time) throws InterruptedException {
        return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS)
                ? OptionalInt.of(process.exitValue())
                : OptionalInt.empty();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
