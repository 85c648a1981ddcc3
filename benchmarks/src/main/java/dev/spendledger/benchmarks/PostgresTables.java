package dev.spendledger.benchmarks;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The two usual ways to know in PostgreSQL what a tree has spent: its messages are summed when asked, or a row of each tree
 * has the sum and a table of ids says which messages are in it.
 */
final class PostgresTables implements AutoCloseable {
    private static final int LOADED_AT_ONCE = 1_000;

    private final List<Connection> connections = new ArrayList<>();
    private final ExecutorService threads;

    /** How the messages of a tree are found for being summed. */
    enum Sum {
        INDEXED("message", "(root_chat_id)"),
        COVERED("message_covered", "(root_chat_id) INCLUDE (total_cost_micros)");

        private final String table;
        private final String index;

        Sum(String table, String index) {
            this.table = table;
            this.index = index;
        }
    }

    /** How messages are counted; each has tables of its own. */
    enum Counter {
        COUNTER(1, true),
        COUNTER_BATCHED(100, true),
        COUNTER_BATCHED_UNSYNCED(100, false);

        private final int batch;
        private final boolean synced;

        Counter(int batch, boolean synced) {
            this.batch = batch;
            this.synced = synced;
        }

        private String tree() {
            return "tree_" + ordinal();
        }

        private String counted() {
            return "counted_" + ordinal();
        }
    }

    /** A priced message. */
    record Message(UUID id, UUID chat, UUID root, long costMicros) {}

    /**
     * @param clients how many, each with a thread and a connection of its own
     */
    PostgresTables(PostgresServer server, int clients) throws SQLException {
        threads = Executors.newFixedThreadPool(clients);
        for (int client = 0; client < clients; client++) {
            connections.add(server.connect());
        }
    }

    /** Makes the tables. */
    void create() throws SQLException {
        for (Sum sum : Sum.values()) {
            execute("CREATE TABLE " + sum.table + " (message_id uuid PRIMARY KEY, chat_id uuid NOT NULL,"
                    + " root_chat_id uuid NOT NULL, total_cost_micros bigint, model text, input_tokens bigint,"
                    + " output_tokens bigint, priced_at timestamptz NOT NULL DEFAULT now())");
            execute("CREATE INDEX ON " + sum.table + " " + sum.index);
        }
        for (Counter counter : Counter.values()) {
            execute("CREATE TABLE " + counter.tree()
                    + " (root_chat_id uuid PRIMARY KEY, spend_limit_micros bigint, spent_micros bigint NOT NULL)");
            execute("CREATE TABLE " + counter.counted()
                    + " (message_id uuid PRIMARY KEY, root_chat_id uuid NOT NULL, cost_micros bigint NOT NULL)");
        }
    }

    /**
     * Puts the same messages into all tables, and has them vacuumed.
     *
     * @param roots of all trees, those without messages included
     */
    void load(List<Message> messages, List<UUID> roots) throws SQLException {
        Connection connection = connections.get(0);
        connection.setAutoCommit(false);
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO " + Sum.INDEXED.table
                + " (message_id, chat_id, root_chat_id, total_cost_micros, model, input_tokens, output_tokens)"
                + " VALUES (?, ?, ?, ?, 'a-model-of-2026', 3000, 500)")) {
            for (int i = 0; i < messages.size(); i++) {
                Message message = messages.get(i);
                insert.setObject(1, message.id());
                insert.setObject(2, message.chat());
                insert.setObject(3, message.root());
                insert.setLong(4, message.costMicros());
                insert.addBatch();
                if ((i + 1) % LOADED_AT_ONCE == 0 || i + 1 == messages.size()) {
                    insert.executeBatch();
                }
            }
        }
        connection.commit();
        connection.setAutoCommit(true);
        execute("INSERT INTO " + Sum.COVERED.table + " SELECT * FROM " + Sum.INDEXED.table);
        for (Counter counter : Counter.values()) {
            execute("INSERT INTO " + counter.counted() + " SELECT message_id, root_chat_id, total_cost_micros FROM "
                    + Sum.INDEXED.table);
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO " + counter.tree()
                    + " SELECT root, 1000000000000, COALESCE((SELECT SUM(cost_micros) FROM " + counter.counted()
                    + " WHERE root_chat_id = root), 0) FROM unnest(?) AS root")) {
                insert.setArray(1, connection.createArrayOf("uuid", roots.toArray()));
                insert.execute();
            }
        }
        execute("VACUUM ANALYZE");
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connections.get(0).createStatement()) {
            statement.execute(sql);
        }
    }

    /** Sums the messages of trees; see {@link #run}. */
    void sum(Sum sum, List<Supplier<String>> next, Checks.Recorder recorder)
            throws InterruptedException, ExecutionException {
        run("SELECT SUM(total_cost_micros) FROM " + sum.table + " WHERE root_chat_id = ?", next, recorder);
    }

    /** Reads the rows of trees; see {@link #run}. */
    void read(List<Supplier<String>> next, Checks.Recorder recorder) throws InterruptedException, ExecutionException {
        run(
                "SELECT spent_micros, spend_limit_micros FROM " + Counter.COUNTER.tree() + " WHERE root_chat_id = ?",
                next,
                recorder);
    }

    /**
     * Asks, each client the next question as soon as it has the answer to its last one, until there is nothing more to ask.
     *
     * @param next the root to ask for; null = no more. Each client has one of its own
     */
    private void run(String sql, List<Supplier<String>> next, Checks.Recorder recorder)
            throws InterruptedException, ExecutionException {
        List<Callable<Void>> clients = new ArrayList<>();
        for (int client = 0; client < next.size(); client++) {
            Connection connection = connections.get(client);
            Supplier<String> roots = next.get(client);
            clients.add(() -> {
                try (PreparedStatement select = connection.prepareStatement(sql)) {
                    for (String root = roots.get(); root != null; root = roots.get()) {
                        long startNanos = System.nanoTime();
                        select.setObject(1, UUID.fromString(root));
                        try (ResultSet row = select.executeQuery()) {
                            if (!row.next() || row.getLong(1) == 0) {
                                throw new IllegalStateException("PostgreSQL knows no spend of " + root);
                            }
                        }
                        recorder.answered(root, System.nanoTime() - startNanos);
                    }
                }
                return null;
            });
        }
        runAll(clients);
    }

    /**
     * Counts messages, as many a transaction as is this counter's way.
     *
     * @param messages of each client
     */
    void count(Counter counter, List<List<Message>> messages) throws InterruptedException, ExecutionException {
        List<Callable<Void>> clients = new ArrayList<>();
        for (int client = 0; client < messages.size(); client++) {
            Connection connection = connections.get(client);
            List<Message> own = messages.get(client);
            clients.add(() -> {
                count(counter, connection, own);
                return null;
            });
        }
        runAll(clients);
    }

    private static void count(Counter counter, Connection connection, List<Message> messages) throws SQLException {
        try (Statement setting = connection.createStatement()) {
            setting.execute("SET synchronous_commit TO " + (counter.synced ? "on" : "off"));
        }
        // One statement, which is one transaction and one way to the server and back.
        String rows = counter.batch == 1 ? "VALUES (?, ?, ?)" : "SELECT * FROM unnest(?, ?, ?)";
        String sums = counter.batch == 1
                ? "added"
                : "(SELECT root_chat_id, SUM(cost_micros)::bigint AS cost_micros FROM added GROUP BY root_chat_id)";
        try (PreparedStatement count = connection.prepareStatement("WITH added AS (INSERT INTO " + counter.counted()
                + " " + rows + " ON CONFLICT DO NOTHING RETURNING root_chat_id, cost_micros) UPDATE " + counter.tree()
                + " AS tree SET spent_micros = spent_micros + sum.cost_micros FROM " + sums
                + " AS sum WHERE tree.root_chat_id = sum.root_chat_id")) {
            for (int from = 0; from < messages.size(); from += counter.batch) {
                if (counter.batch == 1) {
                    Message message = messages.get(from);
                    count.setObject(1, message.id());
                    count.setObject(2, message.root());
                    count.setLong(3, message.costMicros());
                } else {
                    List<Message> batch = messages.subList(from, Math.min(messages.size(), from + counter.batch));
                    count.setArray(1, array(connection, "uuid", batch.stream().map(Message::id)));
                    count.setArray(2, array(connection, "uuid", batch.stream().map(Message::root)));
                    count.setArray(3, array(connection, "bigint", batch.stream().map(Message::costMicros)));
                }
                count.executeUpdate();
            }
        }
    }

    private static Array array(Connection connection, String type, Stream<?> values) throws SQLException {
        return connection.createArrayOf(type, values.toArray());
    }

    private void runAll(List<Callable<Void>> clients) throws InterruptedException, ExecutionException {
        for (Future<Void> client : threads.invokeAll(clients)) {
            client.get();
        }
    }

    /** What the trees have spent, by their roots, as their messages sum up to. */
    Map<String, Long> sums(Sum sum) throws SQLException {
        return sums("SELECT root_chat_id, SUM(total_cost_micros) FROM " + sum.table + " GROUP BY root_chat_id");
    }

    /** What the trees have spent, by their roots, as it has been counted. */
    Map<String, Long> sums(Counter counter) throws SQLException {
        return sums("SELECT root_chat_id, spent_micros FROM " + counter.tree());
    }

    private Map<String, Long> sums(String sql) throws SQLException {
        Map<String, Long> sums = new HashMap<>();
        try (Statement select = connections.get(0).createStatement();
                ResultSet row = select.executeQuery(sql)) {
            while (row.next()) {
                sums.put(row.getString(1), row.getLong(2));
            }
        }
        return sums;
    }

    @Override
    public void close() throws SQLException {
        threads.shutdownNow();
        for (Connection connection : connections) {
            connection.close();
        }
    }
}
