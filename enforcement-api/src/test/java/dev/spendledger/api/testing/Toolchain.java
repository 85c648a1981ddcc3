package dev.spendledger.api.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/** What programs in other languages need and Maven does not bring. A machine without it skips their tests. */
public enum Toolchain {
    NODE("Node.js 18 or newer with npm", "nodejs npm", List.of("node", "--version"), "v(\\d+)\\..*", 18) {
        @Override
        boolean isThere() {
            return super.isThere() && versionOf(List.of("npm", "--version"), "(\\d+)\\..*") > 0;
        }
    },
    GO("Go 1.19 or newer", "golang-go", List.of("go", "version"), "go version go1\\.(\\d+).*", 19),
    KUBECTL("kubectl", "kubernetes-client", List.of("kubectl", "version", "--client"), ".*Version: v(\\d+)\\..*", 1);

    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(30);

    private final String name;
    private final String packages;
    private final List<String> version;
    private final String pattern;
    private final int oldest;
    private boolean isMissed;

    Toolchain(String name, String packages, List<String> version, String pattern, int oldest) {
        this.name = name;
        this.packages = packages;
        this.version = version;
        this.pattern = pattern;
        this.oldest = oldest;
    }

    /** Skips the test that calls it on a machine without this, and says so once for all tests; under CI it fails the test. */
    public synchronized void require() {
        if (!isMissed && isThere()) {
            return;
        }
        String missing = name + " is not there (apt-get install " + packages + ")";
        assertThat(System.getenv("CI")).as("%s, and CI skips no test", missing).isNull();
        if (!isMissed) {
            isMissed = true;
            System.out.println("[WARNING] " + missing + ": the tests that need it are skipped.");
        }
        Assumptions.abort(missing);
    }

    /** Skips the test that calls it on a machine without this, under CI as well: it shows nothing that others do not. */
    public void offer() {
        Assumptions.assumeTrue(isThere(), name + " is not there");
    }

    boolean isThere() {
        return versionOf(version, pattern) >= oldest;
    }

    private static int versionOf(List<String> command, String pattern) {
        try {
            Matcher says = Pattern.compile(pattern, Pattern.DOTALL)
                    .matcher(ProgramRun.start(Path.of("target"), Map.of(), ANSWERS_WITHIN, command)
                            .out());
            return says.matches() ? Integer.parseInt(says.group(1)) : 0;
        } catch (IOException e) {
            return 0; // No such program.
        }
    }
}
