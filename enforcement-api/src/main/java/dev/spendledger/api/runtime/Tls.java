package dev.spendledger.api.runtime;

import dev.spendledger.api.runtime.LedgerInstance.StartException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509KeyManager;

/** What the HTTP API shows of itself over TLS, and what its callers among the instances and commands trust: PEM files. */
public final class Tls {
    private static final String SIGNED = "any text";

    private Tls() {}

    /** The scheme of the HTTP API's own URL. */
    public static String scheme(LedgerConfig config) {
        return config.text(Setting.TLS_CERTIFICATE_FILE).isEmpty() ? "http" : "https";
    }

    /**
     * The certificate and the key to show; empty = the API speaks plain HTTP.
     *
     * @throws StartException if one is set without the other, cannot be read, or does not fit the other
     */
    static Optional<WatchedFile<Identity>> identity(LedgerConfig config) throws StartException {
        String certificate = config.text(Setting.TLS_CERTIFICATE_FILE);
        String key = config.text(Setting.TLS_KEY_FILE);
        if (certificate.isEmpty() != key.isEmpty()) {
            Setting missing = certificate.isEmpty() ? Setting.TLS_CERTIFICATE_FILE : Setting.TLS_KEY_FILE;
            throw new StartException(
                    missing.environmentName()
                            + " is not set and must be where the other of certificate and key is: for TLS it takes both.",
                    null);
        }
        if (!key.isEmpty() && !Files.isReadable(Path.of(key))) {
            throw new StartException(
                    Setting.TLS_KEY_FILE.environmentName() + " is " + key + ", and it cannot be read.", null);
        }
        return certificate.isEmpty()
                ? Optional.empty()
                : Optional.of(WatchedFile.open(
                        Setting.TLS_CERTIFICATE_FILE.environmentName(),
                        List.of(Path.of(certificate), Path.of(key)),
                        Tls::identity));
    }

    /**
     * What to show.
     *
     * @param expires when it is none any more
     */
    record Identity(KeyCertOptions options, Instant expires) {}

    private static Identity identity(String pem) {
        try {
            // Of both it takes the blocks that it looks for, and for PEM it needs no Vert.x.
            KeyCertOptions options =
                    new PemKeyCertOptions().setCertValue(Buffer.buffer(pem)).setKeyValue(Buffer.buffer(pem));
            X509KeyManager keys =
                    (X509KeyManager) options.getKeyManagerFactory(null).getKeyManagers()[0];
            String alias = alias(keys);
            X509Certificate certificate = keys.getCertificateChain(alias)[0];
            certificate.checkValidity();
            requirePair(keys.getPrivateKey(alias), certificate.getPublicKey());
            return new Identity(options, certificate.getNotAfter().toInstant());
        } catch (CertificateExpiredException | CertificateNotYetValidException e) {
            throw new IllegalArgumentException("its certificate is not valid today (" + e.getMessage() + ")", e);
        } catch (IllegalArgumentException e) {
            throw e;
        } catch (Exception e) { // Which the interface of Vert.x declares.
            throw new IllegalArgumentException(
                    "with LEDGER_TLS_KEY_FILE it must be PEM: certificates, and a private key (RSA or EC) without a"
                            + " password (" + e.getMessage() + ")",
                    e);
        }
    }

    private static String alias(X509KeyManager keys) {
        return Stream.of("RSA", "EC")
                .map(type -> keys.getServerAliases(type, null))
                .filter(Objects::nonNull)
                .map(aliases -> aliases[0])
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("its key must be of the kind RSA or EC"));
    }

    /** A certificate with the key of another would be found out only by the first client, and hardly said. */
    private static void requirePair(PrivateKey key, PublicKey certified) throws GeneralSecurityException {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        Signature signing = Signature.getInstance(algorithm);
        signing.initSign(key);
        signing.update(SIGNED.getBytes(StandardCharsets.UTF_8));
        byte[] signature = signing.sign();
        Signature verifying = Signature.getInstance(algorithm);
        verifying.initVerify(certified);
        verifying.update(SIGNED.getBytes(StandardCharsets.UTF_8));
        if (!verifying.verify(signature)) {
            throw new IllegalArgumentException(
                    "its certificate is not that of the key in LEDGER_TLS_KEY_FILE, or its own does not stand first");
        }
    }

    /**
     * What is trusted where an instance is asked; empty = what Java trusts.
     *
     * @throws StartException if the file cannot be read, or is not PEM
     */
    static Optional<WatchedFile<TrustManagerFactory>> trusted(LedgerConfig config) throws StartException {
        String file = config.text(Setting.TLS_CA_FILE);
        return file.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        WatchedFile.open(Setting.TLS_CA_FILE.environmentName(), List.of(Path.of(file)), Tls::trusted));
    }

    /**
     * How a command, or an instance that starts, talks to an instance.
     *
     * @throws StartException if {@code LEDGER_TLS_CA_FILE} cannot be read, or is not PEM
     */
    public static SSLContext context(LedgerConfig config) throws StartException {
        String file = config.text(Setting.TLS_CA_FILE);
        try {
            if (file.isEmpty()) {
                return SSLContext.getDefault();
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    null,
                    WatchedFile.read(Setting.TLS_CA_FILE.environmentName(), Path.of(file), Tls::trusted)
                            .getTrustManagers(),
                    null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new StartException("This Java cannot do TLS: " + e, e);
        }
    }

    private static TrustManagerFactory trusted(String pem) {
        try {
            Collection<? extends Certificate> certificates = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)));
            if (certificates.isEmpty()) {
                throw new IllegalArgumentException("it must hold certificates as PEM and holds none");
            }
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (Certificate certificate : certificates) {
                store.setCertificateEntry("ca-" + store.size(), certificate);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("it must hold certificates as PEM (" + e.getMessage() + ")", e);
        }
    }
}
