package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TcpProxyTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private ServerSocket server;
    private TcpProxy proxy;

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 10, LOOPBACK);
        proxy = TcpProxy.start(0, server::getLocalPort);
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        server.close();
    }

    private Socket connect() throws IOException {
        return new Socket(LOOPBACK, proxy.port());
    }

    private static void assertHandsOn(Socket from, Socket to) throws IOException {
        from.getOutputStream().write(42);
        assertThat(to.getInputStream().read()).isEqualTo(42);
    }

    @Test
    void shouldHandOnInBothDirections() throws Exception {
        // When
        try (Socket client = connect();
                Socket accepted = server.accept()) {

            // Then
            assertHandsOn(client, accepted);
            assertHandsOn(accepted, client);
        }
    }

    @Test
    void shouldEndOneHalfWithTheOther() throws Exception {
        // Given
        try (Socket client = connect();
                Socket accepted = server.accept()) {

            // When
            client.close();

            // Then
            assertThat(isBroken(accepted)).isTrue();
        }
    }

    @Test
    void shouldBreakWhatIsOpenAndWhatIsNewUntilItIsMended() throws Exception {
        // Given
        try (Socket client = connect();
                Socket accepted = server.accept()) {
            assertHandsOn(client, accepted);

            // When
            proxy.cut();

            // Then
            assertThat(isBroken(client)).isTrue();
            assertThat(isBroken(accepted)).isTrue();
            try (Socket another = connect()) {
                assertThat(isBroken(another)).isTrue();
            }
        }

        // When
        proxy.mend();

        // Then
        try (Socket client = connect();
                Socket accepted = server.accept()) {
            assertHandsOn(client, accepted);
        }
    }

    @Test
    void shouldBreakTheConnectionOfAClientWhoseTargetIsGone() throws Exception {
        // Given
        server.close();

        // Then
        await().untilAsserted(() -> {
            try (Socket client = connect()) {
                assertThat(isBroken(client)).isTrue();
            }
        });
    }

    private static boolean isBroken(Socket socket) {
        Throwable failure = catchThrowable(() -> {
            if (socket.getInputStream().read() < 0) {
                throw new IOException("ended");
            }
        });
        return failure instanceof IOException;
    }
}
