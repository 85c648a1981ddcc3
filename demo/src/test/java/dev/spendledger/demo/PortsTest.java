package dev.spendledger.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.Test;

class PortsTest {
    @Test
    void shouldFindDifferentPortsThatAreFreeAndNotSpokenFor() {
        // Given
        List<Integer> others = Ports.free(20, List.of());

        // When
        List<Integer> found = Ports.free(20, others);

        // Then
        assertThat(found)
                .hasSize(20)
                .doesNotHaveDuplicates()
                .doesNotContainAnyElementsOf(others)
                .allMatch(port -> Ports.isFree(Ports.LOOPBACK, port));
    }

    @Test
    void shouldSeeThatAPortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(Ports.isFree(Ports.LOOPBACK, taken.getLocalPort())).isFalse();
        }
    }

    @Test
    void shouldTakeNoPortOfAnotherMachineForFree() {
        assertThat(Ports.isFree("192.0.2.1", 20_000)).isFalse();
        assertThat(Ports.isFree("no-such-host.invalid", 20_000)).isFalse();
    }
}
