package dev.spendledger.api.testing;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;

/** A certificate authority, and the PEM files of those it vouches for, made anew for each test. */
public final class Certificates {
    private final X509Bundle authority;

    /** @param name of the authority */
    public Certificates(String name) {
        try {
            authority = new CertificateBuilder()
                    .subject("CN=" + name)
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
        } catch (Exception e) {
            throw new IllegalStateException("No certificate can be made", e);
        }
    }

    /** Says who vouches for the certificates. */
    public Path writeAuthority(Path file) throws IOException {
        return Files.writeString(file, authority.getRootCertificatePEM());
    }

    /** A certificate of 127.0.0.1 and its key, as {@code tls.crt} and {@code tls.key} in the folder, in place of others. */
    public void write(Path folder, CertificateBuilder.Algorithm algorithm) throws IOException {
        write(folder, new CertificateBuilder().algorithm(algorithm));
    }

    /** The same, but that it was valid until yesterday. */
    public void writeExpired(Path folder) throws IOException {
        Instant now = Instant.now();
        write(
                folder,
                new CertificateBuilder()
                        .notBefore(now.minus(Duration.ofDays(9)))
                        .notAfter(now.minus(Duration.ofDays(1))));
    }

    private void write(Path folder, CertificateBuilder certificate) throws IOException {
        X509Bundle bundle = issue(certificate);
        Files.createDirectories(folder);
        replace(folder.resolve("tls.key"), bundle.getPrivateKeyPEM());
        replace(folder.resolve("tls.crt"), bundle.getCertificatePathPEM());
    }

    private X509Bundle issue(CertificateBuilder certificate) {
        try {
            return certificate.subject("CN=ledger").addSanIpAddress("127.0.0.1").buildIssuedBy(authority);
        } catch (Exception e) {
            throw new IllegalStateException("No certificate can be made", e);
        }
    }

    private static void replace(Path file, String text) throws IOException {
        Path written = Files.writeString(file.resolveSibling(file.getFileName() + ".new"), text);
        Files.move(written, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
