package dev.spendledger.api.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spendledger.api.runtime.LedgerInstance.StartException;
import dev.spendledger.api.testing.Certificates;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class TlsTest {
    @TempDir
    Path dir;

    private final Certificates certificates = new Certificates("authority");

    private LedgerConfig config(String certificate, String key, String authority) {
        return LedgerConfig.of(
                Map.of("LEDGER_BOOTSTRAP_SERVERS", "localhost:9092"),
                Map.of(
                        Setting.TLS_CERTIFICATE_FILE, file(certificate),
                        Setting.TLS_KEY_FILE, file(key),
                        Setting.TLS_CA_FILE, file(authority)),
                Map.of());
    }

    private String file(String name) {
        return name.isEmpty() ? "" : dir.resolve(name).toString();
    }

    @ParameterizedTest
    @EnumSource(
            value = Algorithm.class,
            names = {"ecp256", "ecp384", "rsa2048", "rsa4096"},
            mode = Mode.INCLUDE)
    void shouldTakeACertificateWithItsKey(Algorithm algorithm) throws Exception {
        // Given
        certificates.write(dir, algorithm);

        // When
        var identity = Tls.identity(config("tls.crt", "tls.key", ""));

        // Then
        assertThat(identity).isPresent();
        identity.get().close();
    }

    @Test
    void shouldNotTakeTheKeyOfAnotherCertificate() throws IOException {
        // Given
        certificates.write(dir, Algorithm.ecp256);
        certificates.write(dir.resolve("other"), Algorithm.ecp256);

        // Then
        assertRefused("tls.crt", "other/tls.key", "", "LEDGER_TLS_CERTIFICATE_FILE is ", "is not that of the key");
    }

    @Test
    void shouldNotTakeACertificateThatHasExpired() throws IOException {
        // Given
        certificates.writeExpired(dir);

        // Then
        assertRefused("tls.crt", "tls.key", "", "LEDGER_TLS_CERTIFICATE_FILE is ", "is not valid today");
    }

    @ParameterizedTest
    @CsvSource({
        "tls.crt, '', LEDGER_TLS_KEY_FILE is not set",
        "'', tls.key, LEDGER_TLS_CERTIFICATE_FILE is not set",
        "missing, tls.key, it cannot be read",
        "tls.crt, missing, 'LEDGER_TLS_KEY_FILE is '",
        "tls.key, tls.key, with LEDGER_TLS_KEY_FILE it must be PEM",
        "tls.crt, tls.crt, it must be PEM",
        "rubbish, tls.key, it must be PEM",
        "tls.crt, rubbish, it must be PEM"
    })
    void shouldSayWhatIsWrongWithTheFiles(String certificate, String key, String complaint) throws IOException {
        // Given
        certificates.write(dir, Algorithm.ecp256);
        Files.writeString(dir.resolve("rubbish"), "rubbish");

        // Then
        assertRefused(certificate, key, "", complaint);
    }

    @ParameterizedTest
    @CsvSource({"missing, it cannot be read", "rubbish, it must hold certificates", "tls.key, it must hold certificates"
    })
    void shouldSayWhatIsWrongWithTheFileOfTheAuthorities(String authority, String complaint) throws IOException {
        // Given
        certificates.write(dir, Algorithm.ecp256);
        Files.writeString(dir.resolve("rubbish"), "rubbish");

        // Then
        assertThatThrownBy(() -> Tls.context(config("", "", authority)))
                .isInstanceOf(StartException.class)
                .hasMessageStartingWith("LEDGER_TLS_CA_FILE is ")
                .hasMessageContaining(complaint);
    }

    private void assertRefused(String certificate, String key, String authority, String... complaints)
            throws IOException {
        assertThatThrownBy(() -> Tls.identity(config(certificate, key, authority)))
                .isInstanceOf(StartException.class)
                .hasMessageContainingAll(complaints)
                .hasMessageNotContaining(Files.readString(dir.resolve("tls.key"))
                        .lines()
                        .skip(1)
                        .findFirst()
                        .orElseThrow());
    }
}
