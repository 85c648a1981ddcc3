package dev.spendledger.demo;

import dev.spendledger.api.command.LedgerCommand;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.demo.LedgerClient.NotAcknowledgedException;
import dev.spendledger.demo.Tally.Rejection;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ledger demo}: a tree of agents runs away, and the ledger stops it; then it stops an account. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Watch a simulated tree of agent chats run away until the ledger stops it.")
final class DemoCommand extends EmbeddedCommand {
    private static final long LIMIT_MICROS = 5_000_000;
    private static final String ROOT_PREFIX = "chat-";
    private static final String ACCOUNT = "account-1";
    private static final long ACCOUNT_LIMIT_MICROS = 200_000;
    /** It takes some 10 s. Anything that takes longer than this is not going to happen. */
    private static final Duration BLOCKED_WITHIN = Duration.ofSeconds(45);

    @Option(
            names = "--seed",
            paramLabel = "NUMBER",
            defaultValue = "1",
            description = "Which of the possible trees grows. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--exit-when-blocked",
            description = "End with status 0 as soon as the tree is blocked, with 1 if that does not happen in time.")
    private boolean exitWhenBlocked;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Where the data is kept. Default: a temporary folder, deleted at the end.")
    private Path dataDir;

    /** Without tokens and TLS: its chat service knows of neither, nor do the lines to try. */
    @Override
    Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(super.environment());
        Stream.of(
                        Setting.API_TOKENS_FILE,
                        Setting.INTERNAL_TOKEN_FILE,
                        Setting.TLS_CERTIFICATE_FILE,
                        Setting.TLS_KEY_FILE,
                        Setting.TLS_CA_FILE)
                .map(Setting::environmentName)
                .forEach(environment::remove);
        return environment;
    }

    @Override
    int run(Lifetime lifetime) throws Exception {
        Path folder = dataDir != null
                ? dataDir
                : lifetime.open(() -> TemporaryFolder.create("ledger-demo-")).path();
        EmbeddedLedger ledger = start(lifetime, folder);
        boolean blocked = simulate(lifetime, ledger.url());
        if (exitWhenBlocked) {
            return blocked ? 0 : LedgerCommand.EXIT_FAILED;
        }
        out().println("The ledger goes on until Ctrl-C.");
        lifetime.await();
        return 0;
    }

    /** Lets the tree grow until it is stopped, and tells what happened; whether it is blocked now. */
    private boolean simulate(Lifetime lifetime, URI url) throws Exception {
        Tally tally = new Tally();
        LedgerClient client = new LedgerClient(url, tally::onTrouble);
        Agent.Tree tree = new Agent.Tree(seed, unusedRoot(client), ACCOUNT);
        DemoReport report = new DemoReport(out(), tree, LIMIT_MICROS);
        report.opening(url);

        long startNanos = System.nanoTime();
        Optional<String> failure = runAway(lifetime, client, tally, tree);
        if (failure.isPresent()) {
            report.troubles(tally.troubles());
            err().println(failure.get());
            return false;
        }

        Rejection rejection = tally.firstRejection().orElseThrow();
        report.rejection(rejection, Duration.ofNanos(rejection.receivedNanos() - startNanos));
        report.agents(tally.agents(), tally.checks());
        Aftermath after = Aftermath.of(
                client, tree.rootChatId(), tally.chatIds(), tally.messages().size());
        report.aftermath(after);
        report.overshoot(Overshoot.of(LIMIT_MICROS, tally.messages()));
        Optional<LimitedAccount> account = limitedAccount(client);
        account.ifPresent(report::account);
        report.troubles(tally.troubles());
        report.curls(url, deepest(tally.chatIds()));
        if (!after.isQuiet()) {
            err().println("The tree is not blocked: see above.");
        }
        return after.isQuiet() && account.isPresent();
    }

    /** A folder that was used before has trees of earlier runs in it. */
    private static String unusedRoot(LedgerClient client) throws InterruptedException {
        int number = 1;
        while (client.treeSpend(ROOT_PREFIX + number).isPresent()) {
            number++;
        }
        return ROOT_PREFIX + number;
    }

    /** Lets the tree grow until all of its agents have stopped; why they have not, if so. */
    private Optional<String> runAway(Lifetime lifetime, LedgerClient client, Tally tally, Agent.Tree tree)
            throws Exception {
        try (ChatService service = lifetime.open(() -> ChatService.start(client, tally, tree, LIMIT_MICROS))) {
            return watch(service, client, tree.rootChatId())
                    ? Optional.empty()
                    : Optional.of("The tree was not blocked within " + BLOCKED_WITHIN.toSeconds() + " s.");
        } catch (NotAcknowledgedException e) {
            return Optional.of(e.getMessage());
        }
    }

    /** A second account, in a tree that has no limit; empty = it was not stopped, which has been said. */
    private Optional<LimitedAccount> limitedAccount(LedgerClient client) throws InterruptedException {
        String rootChatId = unusedRoot(client);
        String accountId = "account-" + rootChatId.substring(ROOT_PREFIX.length());
        try {
            Optional<LimitedAccount> account =
                    LimitedAccount.spendUntilStopped(client, accountId, rootChatId, ACCOUNT_LIMIT_MICROS);
            if (account.isEmpty()) {
                err().println("The account " + accountId + " was not stopped at its limit.");
            }
            return account;
        } catch (NotAcknowledgedException e) {
            err().println(e.getMessage());
            return Optional.empty();
        }
    }

    private boolean watch(ChatService service, LedgerClient client, String rootChatId)
            throws InterruptedException, NotAcknowledgedException {
        long endNanos = System.nanoTime() + BLOCKED_WITHIN.toNanos();
        try (Progress progress = new Progress(out(), Boolean.getBoolean("ledger.terminal"), LIMIT_MICROS)) {
            boolean ended;
            do {
                ended = service.awaitEnd(progress.period());
                client.treeSpend(rootChatId).ifPresent(progress::show);
            } while (!ended && System.nanoTime() - endNanos < 0);
            return ended;
        }
    }

    private static String deepest(List<String> chatIds) {
        return chatIds.stream()
                .max(Comparator.comparingLong(
                        id -> id.chars().filter(c -> c == '.').count()))
                .orElseThrow();
    }
}
