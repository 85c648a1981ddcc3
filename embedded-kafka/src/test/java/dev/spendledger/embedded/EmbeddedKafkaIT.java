package dev.spendledger.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@Timeout(60)
class EmbeddedKafkaIT {

    private static final String TOPIC = "facts";
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);

    @TempDir
    Path folder;

    @Test
    void shouldDeliverWhatWasProduced() throws Exception {
        // Given
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder)) {
            createTopic(kafka.bootstrapServers());

            // When
            produce(kafka.bootstrapServers(), "one", "two");

            // Then
            assertThat(read(kafka.bootstrapServers(), 2)).containsExactly("one", "two");
        }
    }

    @Test
    void shouldRunExactlyOnceTransactions() throws Exception {
        // Given
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder)) {
            String servers = kafka.bootstrapServers();
            createTopic(servers);
            try (Producer<String, String> producer = producer(servers, Map.of("transactional.id", "copier-1"));
                    Consumer<String, String> source = consumer(servers, Map.of("group.id", "copier"))) {
                join(source);
                producer.initTransactions();

                // When
                producer.beginTransaction();
                producer.send(new ProducerRecord<>(TOPIC, "aborted"));
                producer.flush();
                producer.abortTransaction();
                producer.beginTransaction();
                producer.send(new ProducerRecord<>(TOPIC, "committed"));
                producer.sendOffsetsToTransaction(Map.of(PARTITION, new OffsetAndMetadata(7)), source.groupMetadata());
                producer.commitTransaction();
            }

            // Then
            assertThat(read(servers, 1)).containsExactly("committed");
            assertThat(committedOffset(servers, "copier")).isEqualTo(7);
        }
    }

    @Test
    void shouldKeepEverythingAcrossARestartOnTheSameFolderAndPort() throws Exception {
        // Given
        int port;
        String clusterId;
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder)) {
            port = kafka.port();
            clusterId = clusterId(kafka.bootstrapServers());
            createTopic(kafka.bootstrapServers());
            produce(kafka.bootstrapServers(), "before");
            commitOffset(kafka.bootstrapServers(), "readers", 1);
        }

        // When
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, port)) {
            produce(kafka.bootstrapServers(), "after");

            // Then
            assertThat(kafka.bootstrapServers()).isEqualTo("127.0.0.1:" + port);
            assertThat(clusterId(kafka.bootstrapServers())).isEqualTo(clusterId);
            assertThat(read(kafka.bootstrapServers(), 2)).containsExactly("before", "after");
            assertThat(committedOffset(kafka.bootstrapServers(), "readers")).isEqualTo(1);
        }
    }

    @Test
    void shouldKeepEverythingWhenItsProcessWasKilled() throws Exception {
        // Given
        String clusterId;
        try (BrokerProcess process = BrokerProcess.start(folder)) {
            clusterId = clusterId(process.servers());
            createTopic(process.servers());
            produce(process.servers(), "before");
            commitOffset(process.servers(), "readers", 1);

            // When
            process.kill();
            try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, process.port())) {
                produce(kafka.bootstrapServers(), "after");

                // Then
                assertThat(clusterId(kafka.bootstrapServers())).isEqualTo(clusterId);
                assertThat(read(kafka.bootstrapServers(), 2)).containsExactly("before", "after");
                assertThat(committedOffset(kafka.bootstrapServers(), "readers")).isEqualTo(1);
            }
        }
    }

    @Test
    void shouldRunTwoBrokersAtOnce(@TempDir Path otherFolder) throws Exception {
        // Given
        try (EmbeddedKafka one = EmbeddedKafka.start(folder);
                EmbeddedKafka other = EmbeddedKafka.start(otherFolder)) {
            createTopic(one.bootstrapServers());
            createTopic(other.bootstrapServers());

            // When
            produce(one.bootstrapServers(), "for one");
            produce(other.bootstrapServers(), "for the other");

            // Then
            assertThat(read(one.bootstrapServers(), 1)).containsExactly("for one");
            assertThat(read(other.bootstrapServers(), 1)).containsExactly("for the other");
        }
    }

    @Test
    void shouldSayThatThePortIsInUse() throws Exception {
        // Given
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            int port = taken.getLocalPort();

            // When
            assertThatThrownBy(() -> EmbeddedKafka.start(folder, port))

                    // Then
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("127.0.0.1:" + port, "stop the program", "choose another port");
        }
    }

    @Test
    void shouldSayThatTheFolderIsInUseInThisProcess() throws Exception {
        // Given
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder)) {

            // When
            assertThatThrownBy(() -> EmbeddedKafka.start(folder.resolve(".")))

                    // Then
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll(folder.toString(), "in use", "stop that one", "choose another folder");
            assertThat(clusterId(kafka.bootstrapServers())).isNotBlank();
        }
    }

    @Test
    void shouldSayThatTheFolderIsInUseInAnotherProcess() throws Exception {
        // Given
        try (BrokerProcess process = BrokerProcess.start(folder)) {

            // When
            assertThatThrownBy(() -> EmbeddedKafka.start(folder))

                    // Then
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll(folder.toString(), "in use", "stop that one", "choose another folder");
            assertThat(clusterId(process.servers())).isNotBlank();
        }
    }

    @Test
    void shouldNotWriteIntoAFolderOfOtherFiles() throws Exception {
        // Given
        Files.writeString(folder.resolve("thesis.txt"), "do not touch");

        // When
        assertThatThrownBy(() -> EmbeddedKafka.start(folder))

                // Then
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(folder.toString(), "choose an empty folder");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(folder.resolve("thesis.txt"));
        }
    }

    @Test
    void shouldLeaveNoThreadAndFreeItsPortWhenClosed() throws Exception {
        // Given
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        EmbeddedKafka kafka = EmbeddedKafka.start(folder);
        createTopic(kafka.bootstrapServers());
        produce(kafka.bootstrapServers(), "one");

        // When
        kafka.close();
        kafka.close();

        // Then
        assertThat(threadsSince(before)).isEmpty();
        new ServerSocket(kafka.port(), 1, InetAddress.getByName("127.0.0.1")).close();
    }

    @Test
    void shouldCloseCompletelyOnAnInterruptedThread() {
        // Given
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        EmbeddedKafka kafka = EmbeddedKafka.start(folder);

        // When
        Thread.currentThread().interrupt();
        kafka.close();

        // Then
        assertThat(Thread.interrupted()).isTrue();
        assertThat(threadsSince(before)).isEmpty();
    }

    @Test
    void shouldLeaveNothingRunningWhenTheStartFails() {
        // Given
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        Map<String, String> tooSmall = Map.of("log.cleaner.dedupe.buffer.size", "1");

        // When
        rootLogger().setLevel(Level.OFF); // Kafka logs the failure with its stack trace
        try {
            assertThatThrownBy(() -> EmbeddedKafka.start(folder, 0, tooSmall)).hasMessageContaining("dedupe");
        } finally {
            rootLogger().setLevel(Level.WARN);
        }

        // Then
        assertThat(threadsSince(before)).isEmpty();
        EmbeddedKafka.start(folder).close();
    }

    @Test
    void shouldListenOnThisHostOnly() {
        // Given
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder)) {

            // When
            assertThatThrownBy(() -> new Socket("127.0.0.2", kafka.port()).close())

                    // Then
                    .isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void shouldTakeMoreBrokerProperties() throws Exception {
        // Given
        String login = "org.apache.kafka.common.security.plain.PlainLoginModule required username='%s' password='%s'";
        Map<String, String> withPasswords = Map.of(
                "listener.security.protocol.map", "BROKER:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
                "sasl.enabled.mechanisms", "PLAIN",
                "sasl.mechanism.inter.broker.protocol", "PLAIN",
                "listener.name.broker.plain.sasl.jaas.config",
                        login.formatted("broker", "b") + " user_broker='b' user_ledger='l';");

        // When
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0, withPasswords);
                Admin admin = Admin.create(Map.of(
                        "bootstrap.servers",
                        kafka.bootstrapServers(),
                        "security.protocol",
                        "SASL_PLAINTEXT",
                        "sasl.mechanism",
                        "PLAIN",
                        "sasl.jaas.config",
                        login.formatted("ledger", "l") + ";"))) {

            // Then
            assertThat(admin.describeCluster().nodes().get()).hasSize(1);
        }
    }

    @Test
    void shouldLetInWhoHasAPasswordAndDoForHimWhatHeIsAllowedTo() throws Exception {
        // Given
        Map<String, String> passwords = Map.of(EmbeddedKafka.ADMIN, "a1", "reader", "r1");
        try (EmbeddedKafka kafka = EmbeddedKafka.startSecured(folder, 0, passwords, Map.of());
                Admin admin = admin(kafka, EmbeddedKafka.login(EmbeddedKafka.ADMIN, "a1"));
                Admin reader = admin(kafka, EmbeddedKafka.login("reader", "r1"))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
            admin.createTopics(List.of(new NewTopic("others", 1, (short) 1)))
                    .all()
                    .get();
            admin.createAcls(List.of(new AclBinding(
                            new ResourcePattern(ResourceType.TOPIC, TOPIC, PatternType.LITERAL),
                            new AccessControlEntry("User:reader", "*", AclOperation.READ, AclPermissionType.ALLOW))))
                    .all()
                    .get();

            // When
            await().untilAsserted(
                            () -> assertThat(reader.listTopics().names().get()).containsExactly(TOPIC));

            // Then
            assertThatThrownBy(() -> reader.deleteTopics(List.of(TOPIC)).all().get())
                    .hasRootCauseInstanceOf(TopicAuthorizationException.class);
            assertThatThrownBy(() -> login(kafka, EmbeddedKafka.login("reader", "wrong")))
                    .hasRootCauseInstanceOf(SaslAuthenticationException.class);
            assertThatThrownBy(() -> login(kafka, Map.of())).hasRootCauseInstanceOf(TimeoutException.class);
        }
    }

    @Test
    void shouldKeepUsersAndAclsAndRunTransactionsWhenSecured() throws Exception {
        // Given
        Map<String, String> passwords = Map.of(EmbeddedKafka.ADMIN, "a1", "copier", "c1");
        try (EmbeddedKafka kafka = EmbeddedKafka.startSecured(folder, 0, passwords, Map.of());
                Admin admin = admin(kafka, EmbeddedKafka.login(EmbeddedKafka.ADMIN, "a1"))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
            admin.createAcls(Stream.of(
                                    new ResourcePattern(ResourceType.TOPIC, TOPIC, PatternType.LITERAL),
                                    new ResourcePattern(ResourceType.TRANSACTIONAL_ID, "copier", PatternType.LITERAL))
                            .map(resource -> new AclBinding(
                                    resource,
                                    new AccessControlEntry(
                                            "User:copier", "*", AclOperation.WRITE, AclPermissionType.ALLOW)))
                            .toList())
                    .all()
                    .get();
        }

        // When
        try (EmbeddedKafka kafka = EmbeddedKafka.startSecured(folder, 0, passwords, Map.of())) {
            Map<String, Object> copier = new HashMap<>(EmbeddedKafka.login("copier", "c1"));
            copier.put("transactional.id", "copier");
            try (Producer<String, String> producer = producer(kafka.bootstrapServers(), copier)) {
                producer.initTransactions();
                producer.beginTransaction();
                producer.send(new ProducerRecord<>(TOPIC, "committed"));
                producer.commitTransaction();
            }

            // Then
            Map<String, Object> reader = new HashMap<>(EmbeddedKafka.login(EmbeddedKafka.ADMIN, "a1"));
            reader.put("isolation.level", "read_committed");
            try (Consumer<String, String> consumer = consumer(kafka.bootstrapServers(), reader)) {
                consumer.assign(List.of(PARTITION));
                consumer.seekToBeginning(List.of(PARTITION));
                await().untilAsserted(() -> assertThat(
                                consumer.poll(Duration.ofMillis(100)).count())
                        .isEqualTo(1));
            }
        }
    }

    @Test
    void shouldAskForThePasswordOfTheAdministrator() {
        // When
        assertThatThrownBy(() -> EmbeddedKafka.startSecured(folder, 0, Map.of("reader", "r1"), Map.of()))

                // Then
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("admin must have a password");
    }

    @Test
    void shouldRefusePropertiesThatItSetsItself() {
        // Given
        Map<String, String> properties = Map.of("node.id", "7", "listeners", "BROKER://0.0.0.0:9092");

        // When
        assertThatThrownBy(() -> EmbeddedKafka.start(folder, 0, properties))

                // Then
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[listeners, node.id]");
    }

    @Test
    void shouldWarnOfNothingInAnOrdinaryLife() throws Exception {
        // Given
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        rootLogger().addAppender(log);

        // When
        try {
            try (EmbeddedKafka kafka = EmbeddedKafka.start(folder)) {
                createTopic(kafka.bootstrapServers());
                produce(kafka.bootstrapServers(), "one");
            }
            try (EmbeddedKafka kafka = EmbeddedKafka.start(folder)) {
                assertThat(read(kafka.bootstrapServers(), 1)).containsExactly("one");
            }
        } finally {
            rootLogger().detachAppender(log);
        }

        // Then
        assertThat(log.list).isEmpty();
    }

    private static Admin admin(EmbeddedKafka kafka, Map<String, String> login) {
        Map<String, Object> settings = new HashMap<>(login);
        settings.put("bootstrap.servers", kafka.bootstrapServers());
        settings.put("default.api.timeout.ms", 3_000);
        settings.put("request.timeout.ms", 2_000);
        return Admin.create(settings);
    }

    private static void login(EmbeddedKafka kafka, Map<String, String> login) throws Exception {
        try (Admin admin = admin(kafka, login)) {
            admin.describeCluster().nodes().get();
        }
    }

    private static void createTopic(String servers) throws Exception {
        try (Admin admin = admin(servers)) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
        }
    }

    private static String clusterId(String servers) throws Exception {
        try (Admin admin = admin(servers)) {
            return admin.describeCluster().clusterId().get();
        }
    }

    private static void commitOffset(String servers, String group, long offset) throws Exception {
        try (Admin admin = admin(servers)) {
            admin.alterConsumerGroupOffsets(group, Map.of(PARTITION, new OffsetAndMetadata(offset)))
                    .all()
                    .get();
        }
    }

    private static long committedOffset(String servers, String group) throws Exception {
        try (Admin admin = admin(servers)) {
            return admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .get(PARTITION)
                    .offset();
        }
    }

    private static void produce(String servers, String... values) throws Exception {
        try (Producer<String, String> producer = producer(servers, Map.of())) {
            for (String value : values) {
                producer.send(new ProducerRecord<>(TOPIC, value)).get();
            }
        }
    }

    private static List<String> read(String servers, int count) {
        List<String> values = new ArrayList<>();
        try (Consumer<String, String> consumer = consumer(servers, Map.of())) {
            consumer.assign(List.of(PARTITION));
            await().until(() -> {
                consumer.poll(Duration.ofMillis(50)).forEach(record -> values.add(record.value()));
                return values.size() >= count;
            });
        }
        return values;
    }

    private static void join(Consumer<String, String> consumer) {
        consumer.subscribe(List.of(TOPIC));
        await().until(() -> {
            consumer.poll(Duration.ofMillis(50));
            return !consumer.assignment().isEmpty();
        });
    }

    private static Admin admin(String servers) {
        return Admin.create(Map.of("bootstrap.servers", servers));
    }

    private static Producer<String, String> producer(String servers, Map<String, Object> more) {
        return new KafkaProducer<>(with(servers, more), new StringSerializer(), new StringSerializer());
    }

    private static Consumer<String, String> consumer(String servers, Map<String, Object> more) {
        Map<String, Object> properties = with(servers, more);
        properties.put("auto.offset.reset", "earliest");
        properties.put("enable.auto.commit", "false");
        properties.put("fetch.max.wait.ms", "50"); // closing a consumer waits for its last fetch
        properties.put("isolation.level", "read_committed");
        properties.put("session.timeout.ms", "1500");
        properties.put("heartbeat.interval.ms", "300");
        return new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
    }

    private static Map<String, Object> with(String servers, Map<String, Object> more) {
        Map<String, Object> properties = new HashMap<>(more);
        properties.put("bootstrap.servers", servers);
        return properties;
    }

    private static List<Thread> threadsSince(Set<Thread> before) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.isDaemon() && !before.contains(thread))
                .toList();
    }

    private static Logger rootLogger() {
        return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    /** A broker in a JVM of its own, to be killed. */
    private record BrokerProcess(Process process, String servers) implements AutoCloseable {

        static BrokerProcess start(Path folder) throws IOException {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            BrokerProcess.class.getName(),
                            folder.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            return new BrokerProcess(process, process.inputReader().readLine());
        }

        public static void main(String[] arguments) throws IOException {
            try (EmbeddedKafka kafka = EmbeddedKafka.start(Path.of(arguments[0]))) {
                System.out.println(kafka.bootstrapServers());
                System.in.read(); // returns when the test's own JVM is gone
            }
        }

        int port() {
            return Integer.parseInt(servers.substring(servers.indexOf(':') + 1));
        }

        void kill() throws InterruptedException {
            process.destroyForcibly().waitFor();
        }

        @Override
        public void close() throws InterruptedException {
            kill();
        }
    }
}
