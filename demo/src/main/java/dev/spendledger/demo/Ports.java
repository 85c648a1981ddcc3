package dev.spendledger.demo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

/** Ports of this machine for what may stop and must find its port free when it starts again. */
public final class Ports {
    static final String LOOPBACK = "127.0.0.1";
    static final int GREATEST = 65_535;

    /** Below those that systems give to outgoing connections: one of these could take the port meanwhile. */
    private static final int FIRST = 20_000;

    private static final int COUNT = 10_000;

    private Ports() {}

    /**
     * Different ports of the loopback address that nothing listens on.
     *
     * @param others that are to be used as well, and not found here
     * @throws IllegalStateException if there are not so many
     */
    static List<Integer> free(int count, List<Integer> others) {
        int start = ThreadLocalRandom.current().nextInt(COUNT);
        List<Integer> found = IntStream.range(0, COUNT)
                .map(number -> FIRST + (start + number) % COUNT)
                .filter(port -> !others.contains(port) && isFree(LOOPBACK, port))
                .limit(count)
                .boxed()
                .toList();
        if (found.size() < count) {
            throw new IllegalStateException(
                    "Of the ports from " + FIRST + " to " + (FIRST + COUNT - 1) + " fewer than " + count + " are free");
        }
        return found;
    }

    /** The same without any others, and only one. */
    public static int free() {
        return free(1, List.of()).get(0);
    }

    /**
     * Whether one could listen there.
     *
     * @param host a name or an address; nobody can listen at one that is not this machine's
     */
    static boolean isFree(String host, int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true); // What is left of connections of before is in nobody's way.
            probe.bind(new InetSocketAddress(host, port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
