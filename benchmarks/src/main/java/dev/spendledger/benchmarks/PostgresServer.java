package dev.spendledger.benchmarks;

import dev.spendledger.api.command.UserErrorException;
import dev.spendledger.demo.TemporaryFolder;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** The PostgreSQL of this machine, on a folder of its own, with the settings that it is shipped with. */
final class PostgresServer implements AutoCloseable {
    private static final String PG_CTL = "pg_ctl";
    /** Where Debian has it, a folder for each version; only the clients are on its path. */
    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");

    private static final String HOST = "127.0.0.1";
    private static final String SUPERUSER = "ledger";
    /** PostgreSQL does not run as root. */
    private static final String ROOT = "root";

    private static final List<String> OTHERS = List.of("postgres", "nobody");

    private final Path pgCtl;
    private final Optional<String> user;
    private final TemporaryFolder folder;
    private final int port;
    /** So that no other user of this machine comes in meanwhile. */
    private final String password = UUID.randomUUID().toString();

    private PostgresServer(Path pgCtl, Optional<String> user, TemporaryFolder folder, int port) {
        this.pgCtl = pgCtl;
        this.user = user;
        this.folder = folder;
        this.port = port;
    }

    /** The {@code pg_ctl} of this machine: that on the path, else Debian's newest; empty = there is none. */
    static Optional<Path> installed() throws IOException {
        Optional<Path> onPath = Stream.of(
                        System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(each -> Path.of(each, PG_CTL))
                .filter(Files::isExecutable)
                .findFirst();
        if (onPath.isPresent() || !Files.isDirectory(DEBIAN)) {
            return onPath;
        }
        try (Stream<Path> versions = Files.list(DEBIAN)) {
            return versions.filter(version -> version.getFileName().toString().matches("\\d+"))
                    .sorted(Comparator.comparing((Path version) ->
                                    Integer.valueOf(version.getFileName().toString()))
                            .reversed())
                    .map(version -> version.resolve("bin").resolve(PG_CTL))
                    .filter(Files::isExecutable)
                    .findFirst();
        }
    }

    /**
     * Starts it, and returns once it answers. What fails leaves nothing running.
     *
     * @throws UserErrorException if there is none on this machine, or it cannot start
     */
    static PostgresServer start() throws IOException, InterruptedException {
        Path pgCtl = installed()
                .orElseThrow(() -> new UserErrorException("There is no PostgreSQL on this machine: " + PG_CTL
                        + " is neither on the PATH nor below " + DEBIAN
                        + ". Install the server, on Debian the package postgresql."));
        TemporaryFolder folder = TemporaryFolder.create("ledger-bench-postgres-");
        boolean started = false;
        try {
            PostgresServer server = new PostgresServer(pgCtl, otherUser(), folder, freePort());
            server.start(folder.path());
            started = true;
            return server;
        } finally {
            if (!started) {
                folder.close();
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
            return probe.getLocalPort();
        }
    }

    /** Whom to run it as, if not as ourselves. */
    private static Optional<String> otherUser() throws IOException {
        if (!System.getProperty("user.name").equals(ROOT)) {
            return Optional.empty();
        }
        List<String> users = Files.readAllLines(Path.of("/etc/passwd"));
        return Optional.of(OTHERS.stream()
                .filter(other -> users.stream().anyMatch(line -> line.startsWith(other + ":")))
                .findFirst()
                .orElseThrow(() -> new UserErrorException("PostgreSQL does not run as root, and there is no user "
                        + String.join(" or ", OTHERS) + ". Run this as another user.")));
    }

    private void start(Path path) throws IOException, InterruptedException {
        Path passwordFile = Files.createFile(
                path.resolve("password"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(passwordFile, password);
        if (user.isPresent()) {
            for (Path owned : List.of(path, passwordFile)) {
                Files.setOwner(
                        owned,
                        path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user.get()));
            }
        }
        pgCtl(
                "initdb",
                "-o",
                "--username=" + SUPERUSER + " --auth=scram-sha-256 --pwfile='" + passwordFile
                        + "' --encoding=UTF8 --no-locale");
        pgCtl(
                "start",
                "-w",
                "-l",
                path.resolve("postgres.log").toString(),
                "-o",
                "-p " + port + " -c listen_addresses=" + HOST + " -c unix_socket_directories=");
    }

    private void pgCtl(String action, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        user.ifPresent(other -> command.addAll(List.of("runuser", "-u", other, "--")));
        command.addAll(List.of(
                pgCtl.toString(),
                action,
                "-s",
                "-D",
                folder.path().resolve("data").toString()));
        command.addAll(Arrays.asList(options));
        // A file and no pipe: the server would hold that open for as long as it runs.
        Path output = folder.path().resolve("pg_ctl.log");
        int status = new ProcessBuilder(command)
                .directory(folder.path().toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start()
                .waitFor();
        if (status != 0) {
            throw new UserErrorException("PostgreSQL does not " + action + " in " + folder.path()
                    + user.map(other -> ", which the user " + other + " must be able to reach")
                            .orElse("") + ": "
                    + Files.readString(output).strip());
        }
    }

    /** A new connection; it commits each statement. */
    Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://" + HOST + ":" + port + "/postgres", SUPERUSER, password);
    }

    /** Stops it, whoever is still connected, and deletes its folder. */
    @Override
    public void close() throws IOException, InterruptedException {
        pgCtl("stop", "-w", "-m", "fast");
        folder.close();
    }
}
