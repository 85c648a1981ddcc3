package dev.spendledger.benchmarks;

import dev.spendledger.api.command.LedgerCommand;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.demo.Lifetime;
import dev.spendledger.demo.Ports;
import dev.spendledger.embedded.EmbeddedKafka;
import dev.spendledger.schemas.BundledRegistry;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Starts of {@code ./ledger demo} and {@code ./ledger serve}, one after the other and each stopped before the next. */
final class StartLoad {
    private static final String HOST = "127.0.0.1";

    private final Lifetime lifetime;
    private final Path launcher;
    private final int trees;
    private final PrintWriter out;

    /**
     * @param lifetime to open everything in
     * @param launcher the program {@code ledger}
     * @param trees with how much state an instance starts again, a chat and a message for each
     */
    StartLoad(Lifetime lifetime, Path launcher, int trees, PrintWriter out) {
        this.lifetime = lifetime;
        this.launcher = launcher;
        this.trees = trees;
        this.out = out;
    }

    /**
     * Goes through all starts once.
     *
     * @param dir an empty folder for all of their data
     * @param verified whether to hold the ledger against its log in the end
     * @return the figures by their names
     */
    Map<String, Double> run(Path dir, boolean verified) throws Exception {
        Map<String, Double> figures = new LinkedHashMap<>();
        int port = Ports.free();
        URI url = url(port);
        Path data = dir.resolve("demo");
        put(figures, "demo", start(url, dir, List.of("demo", "--port", "" + port, "--data-dir", data.toString())));
        serve(figures, dir, verified);
        return figures;
    }

    private void serve(Map<String, Double> figures, Path dir, boolean verified) throws Exception {
        EmbeddedKafka kafka = lifetime.open(() -> EmbeddedKafka.start(dir.resolve("kafka")));
        int port = Ports.free();
        URI url = url(port);
        Map<Setting, String> settings = Map.of(
                Setting.BOOTSTRAP_SERVERS,
                kafka.bootstrapServers(),
                Setting.SCHEMA_REGISTRY_URL,
                BundledRegistry.URL,
                Setting.PARTITIONS,
                "4",
                Setting.STATE_DIR,
                dir.resolve("state").toString(),
                Setting.HTTP_PORT,
                "" + port);
        // By a command of its own, as on a real cluster: its time is not that of a start.
        execute(new PrintWriter(PrintWriter.nullWriter()), command(settings, "topics", "create"));
        List<String> serve = command(settings, "serve");
        put(figures, "serve_fresh", start(url, dir, serve));
        try (Facts facts = new Facts(kafka.bootstrapServers())) {
            facts.trees(0, trees);
            facts.chats(0, trees, trees);
            facts.messages(0, trees, trees, trees);
        }
        start(
                url,
                dir,
                Stream.concat(serve.stream(), Stream.of("--ready-when", "caught_up"))
                        .toList());
        Launched kept = launch(url, dir, serve);
        put(figures, "serve_kept", kept.awaitReady());
        if (verified) {
            execute(out, command(settings, "verify"));
        }
        kept.stop();
        kafka.close();
    }

    private void execute(PrintWriter says, List<String> command) {
        int status = LedgerCommand.commandLine(List.of(), Map.of())
                .setOut(says)
                .setErr(out)
                .execute(command.toArray(String[]::new));
        if (status != 0) {
            throw new IllegalStateException(
                    "ledger " + command.get(0) + " ended with status " + status + "; it says why above");
        }
    }

    private static List<String> command(Map<Setting, String> settings, String... words) {
        List<String> command = new ArrayList<>(List.of(words));
        settings.forEach((setting, value) -> command.addAll(List.of(setting.flag(), value)));
        return command;
    }

    private Launched.Times start(URI url, Path dir, List<String> arguments) throws Exception {
        Launched launched = launch(url, dir, arguments);
        Launched.Times times = launched.awaitReady();
        launched.stop();
        return times;
    }

    private Launched launch(URI url, Path dir, List<String> arguments) throws Exception {
        Path log = Files.createTempFile(dir, arguments.get(0) + "-", ".log");
        return lifetime.open(() -> Launched.start(launcher, arguments, url, log));
    }

    private static URI url(int port) {
        return URI.create("http://" + HOST + ":" + port);
    }

    private static void put(Map<String, Double> figures, String name, Launched.Times times) {
        figures.put(name + "_livez_s", times.livez());
        figures.put(name + "_readyz_s", times.readyz());
    }
}
