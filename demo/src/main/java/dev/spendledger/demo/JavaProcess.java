package dev.spendledger.demo;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/** A Java program in a process of its own, or a script that becomes one. Killed when closed. */
public class JavaProcess implements AutoCloseable {
    /** Options of this JVM that a second one cannot have as well: they open a port, or write to a file. */
    private static final List<String> OPTIONS_FOR_ONE =
            List.of("-agentlib:", "-agentpath:", "-javaagent:", "-Xrunjdwp", "-Dcom.sun.management.jmxremote", "-Xlog");

    private final Process process;

    /** Starts what was built, its command being {@link #command}. */
    public JavaProcess(ProcessBuilder builder) throws IOException {
        process = builder.start();
    }

    /**
     * The command line of a program for the JVM that this one is.
     *
     * @param options for the JVM
     */
    public static List<String> command(List<String> options, String classPath, Class<?> main, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, main.getName()));
        command.addAll(arguments);
        return command;
    }

    /** The options that this JVM was started with, but for those that only one can have. */
    public static List<String> options() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> OPTIONS_FOR_ONE.stream().noneMatch(option::startsWith))
                .toList();
    }

    /** Whether it has not ended yet. */
    public final boolean isAlive() {
        return process.isAlive();
    }

    final ProcessHandle handle() {
        return process.toHandle();
    }

    /** Has its exit status told once it has ended, however it ends. */
    final void onEnd(IntConsumer told) {
        process.onExit().thenAccept(ended -> told.accept(ended.exitValue()));
    }

    /** Its exit status; empty = it has not ended within the time. */
    public final OptionalInt endWithin(Duration time) throws InterruptedException {
        return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS)
                ? OptionalInt.of(process.exitValue())
                : OptionalInt.empty();
    }

    /** Tells it to stop, as Ctrl-C does. */
    public final void terminate() {
        // Not by the process itself, which would close the pipe to its input as well.
        process.toHandle().destroy();
    }

    /** Ends it without a word, as a crash does. */
    final void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
        process.waitFor();
    }
}
