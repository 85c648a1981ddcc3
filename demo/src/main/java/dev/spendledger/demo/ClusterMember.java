package dev.spendledger.demo;

import dev.spendledger.api.command.Main;
import java.io.IOException;

/** An instance of a {@link Cluster}: {@code serve}, for as long as the process lives that has started it. */
public final class ClusterMember {
    private static final int EXIT_ORPHANED = 1;

    private ClusterMember() {}

    public static void main(String[] arguments) {
        Thread watch = new Thread(ClusterMember::endWithParent, "ledger-parent");
        watch.setDaemon(true);
        watch.start();
        Main.main(new String[] {"serve"});
    }

    /** Nobody else has the other end of this process's input, so however the parent ends, its kill included, so does that. */
    private static void endWithParent() {
        try {
            while (System.in.read() >= 0) {
                continue; // Nothing is ever sent.
            }
        } catch (IOException e) {
            System.err.println("The process that has started this instance cannot be watched: " + e);
        }
        // At once, as in a crash: the broker was in the parent, so there is nobody to say good-bye to.
        System.err.println("The process that has started this instance is gone, and so the instance ends.");
        Runtime.getRuntime().halt(EXIT_ORPHANED);
    }
}
