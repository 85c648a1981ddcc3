package dev.spendledger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.spendledger.api.runtime.LedgerInstance;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.api.runtime.Setting;
import dev.spendledger.api.testing.Certificates;
import dev.spendledger.api.testing.CommandRun;
import dev.spendledger.api.testing.Events;
import dev.spendledger.api.testing.TestLedger;
import dev.spendledger.schemas.Topic;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two instances that speak TLS, to their callers and to each other. */
class TlsIT {
    private static final Duration WITHIN = Duration.ofSeconds(60);
    private static final int TREES = 40;

    @TempDir
    static Path dir;

    private static Certificates certificates;
    private static Path authority;
    private static TestLedger ledger;
    private static LedgerInstance second;

    @BeforeAll
    static void start() throws Exception {
        certificates = new Certificates("authority");
        authority = certificates.writeAuthority(dir.resolve("ca.crt"));
        certificates.write(dir.resolve("tls"), Algorithm.ecp256);
        ledger = TestLedger.start(dir.resolve("first"), tls(dir.resolve("tls"), authority));
        second = ledger.startBeside(
                Map.of(Setting.STATE_DIR, dir.resolve("second").toString()), Map.of());
        try (Events events = new Events(ledger)) {
            IntStream.range(0, TREES)
                    .forEach(number ->
                            events.send(Topic.CHATS, "root-" + number, Events.chat("root-" + number, null, 10L)));
            events.flush();
        }
    }

    @AfterAll
    static void stop() {
        second.close();
        ledger.close();
    }

    private static Map<Setting, String> tls(Path folder, Path authority) {
        return Map.of(
                Setting.TLS_CERTIFICATE_FILE, folder.resolve("tls.crt").toString(),
                Setting.TLS_KEY_FILE, folder.resolve("tls.key").toString(),
                Setting.TLS_CA_FILE, authority.toString());
    }

    /** A client that trusts the authority and nobody else. A new one has no session that could be resumed. */
    private static HttpClient client() throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (var in = Files.newInputStream(authority)) {
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(store);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trusted.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(tls).build();
    }

    private static HttpResponse<String> check(HttpClient client, URI instance, String chatId)
            throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(instance.resolve("/v1/chats/" + chatId + "/check"))
                        .POST(BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
    }

    @Test
    void shouldAnswerForEachOtherOverTls() throws Exception {
        // Given
        HttpClient client = client();
        await().atMost(WITHIN).until(second::isReady);

        // Then
        await().atMost(WITHIN).untilAsserted(() -> {
            assertThat(servers(client, ledger.url())).isEqualTo(Set.of("owner", "peer"));
            assertThat(servers(client, second.url())).isEqualTo(Set.of("owner", "peer"));
        });
    }

    private static Set<String> servers(HttpClient client, URI instance) throws Exception {
        Set<String> servers = new HashSet<>();
        for (int number = 0; number < TREES; number++) {
            String reply = check(client, instance, "root-" + number).body();
            servers.add(reply.replaceAll(".*\"served_by\":\"(\\w+)\".*", "$1"));
        }
        return servers;
    }

    @Test
    void shouldSpeakTlsOnEveryRouteAndNothingElse() throws Exception {
        // Given
        HttpClient client = client();
        URI plain = URI.create("http" + ledger.url().toString().substring("https".length()) + "/livez");

        // When
        HttpResponse<String> live = client.send(
                HttpRequest.newBuilder(ledger.url().resolve("/livez")).build(), BodyHandlers.ofString());

        // Then
        assertThat(ledger.url().getScheme()).isEqualTo("https");
        assertThat(live.statusCode()).isEqualTo(200);
        assertThat(live.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
        assertThatThrownBy(() -> client.send(HttpRequest.newBuilder(plain).build(), BodyHandlers.ofString()))
                .isInstanceOf(IOException.class);
    }

    @Test
    void shouldShowANewCertificateWithoutARestart() throws Exception {
        // Given
        X509Certificate before = shown();

        // When
        certificates.write(dir.resolve("tls"), Algorithm.rsa2048);

        // Then
        await().atMost(WITHIN).untilAsserted(() -> assertThat(shown()).isNotEqualTo(before));
        assertThat(shown().getPublicKey().getAlgorithm()).isEqualTo("RSA");
    }

    private static X509Certificate shown() throws Exception {
        HttpResponse<String> live = client().send(
                        HttpRequest.newBuilder(ledger.url().resolve("/livez")).build(), BodyHandlers.ofString());
        return (X509Certificate) live.sslSession().orElseThrow().getPeerCertificates()[0];
    }

    @Test
    void shouldLetACommandReadTheStateOfAnInstanceThatItTrusts() {
        // When
        CommandRun trusting = ledger.verify("--tls-ca-file=" + authority);
        CommandRun doubting = ledger.verify("--tls-ca-file=");

        // Then
        assertThat(trusting.out()).as(trusting.err()).contains("No difference.");
        assertThat(doubting.status()).isNotZero();
        assertThat(doubting.err()).contains("LEDGER_TLS_CA_FILE");
    }

    @Test
    void shouldNotTrustACertificateOfAnotherAuthority() throws Exception {
        // Given
        Path other = dir.resolve("other");
        new Certificates("stranger").write(other, Algorithm.ecp256);

        // Then it does not even trust itself, and says so
        assertThatThrownBy(() -> third(tls(other, authority)))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("LEDGER_ADVERTISED_URL is https://127.0.0.1:")
                .hasMessageContaining("not trusted by LEDGER_TLS_CA_FILE");
        assertThatThrownBy(() -> HttpClient.newHttpClient()
                        .send(HttpRequest.newBuilder(ledger.url()).build(), BodyHandlers.ofString()))
                .isInstanceOf(SSLException.class);
    }

    @Test
    void shouldNotAdvertisePlainHttpWhereItSpeaksTls() {
        assertThatThrownBy(() -> third(Map.of(Setting.ADVERTISED_URL, "http://127.0.0.1:8080")))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("LEDGER_ADVERTISED_URL is http://127.0.0.1:8080 and must begin with https");
    }

    private static void third(Map<Setting, String> changes) throws StartException {
        Map<Setting, String> settings = new EnumMap<>(changes);
        settings.put(Setting.STATE_DIR, dir.resolve("third").toString());
        ledger.startBeside(settings, Map.of()).close();
    }
}
