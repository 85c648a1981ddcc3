package dev.spendledger.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/** A Java program in a process of its own. Killed when closed. */
class JavaProcess implements AutoCloseable {
    private final Process process;

    /** Starts what was built, its command being {@link #command}. */
    JavaProcess(ProcessBuilder builder) throws IOException {
        process = builder.start();
    }

    /**
     * The command line of a program for the JVM that this one is.
     *
     * @param options for the JVM
     */
    static List<String> command(List<String> options, String classPath, Class<?> main, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, main.getName()));
        command.addAll(arguments);
        return command;
    }

    final boolean isAlive() {
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
    final OptionalInt endWithin(Duration time) throws InterruptedException {
        return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS)
                ? OptionalInt.of(process.exitValue())
                : OptionalInt.empty();
    }

    /** Tells it to stop, as Ctrl-C does. */
    final void terminate() {
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
