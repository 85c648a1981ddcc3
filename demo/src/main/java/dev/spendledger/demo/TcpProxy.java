package dev.spendledger.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;

/** Hands connections on to a port of this machine, and can be cut like a cable: then none gets through, old or new. */
final class TcpProxy implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;
    /** A broker that stops is called again and again: more than wait at once. */
    private static final int BACKLOG = 100;

    private final ServerSocket server;
    private final IntSupplier target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;

    private TcpProxy(ServerSocket server, IntSupplier target) {
        this.server = server;
        this.target = target;
    }

    /**
     * Starts to listen.
     *
     * @param port of the loopback address
     * @param target the port to hand on to, asked for at each connection
     */
    static TcpProxy start(int port, IntSupplier target) throws IOException {
        ServerSocket server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        TcpProxy proxy = new TcpProxy(server, target);
        startThread(proxy::accept);
        return proxy;
    }

    int port() {
        return server.getLocalPort();
    }

    /** Breaks every connection, and each new one until it is mended. */
    void cut() {
        cut = true;
        open.forEach(TcpProxy::closeQuietly);
    }

    void mend() {
        cut = false;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                handOn(server.accept());
            } catch (IOException e) {
                // This proxy is being closed; or one connection has failed, and its client sees it broken.
            }
        }
    }

    private void handOn(Socket client) throws IOException {
        open.add(client);
        if (cut) {
            close(client);
            return;
        }
        Socket behind = new Socket();
        open.add(behind);
        try {
            behind.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target.getAsInt()));
            client.setTcpNoDelay(true);
            behind.setTcpNoDelay(true);
        } catch (IOException e) {
            close(client, behind);
            throw e;
        }
        if (cut) { // Meanwhile; whoever cut it may not have seen the newer of the two.
            close(client, behind);
            return;
        }
        startThread(() -> copy(client, behind));
        startThread(() -> copy(behind, client));
    }

    /** Until one of the two ends, which ends the other. */
    private void copy(Socket from, Socket to) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
            }
        } catch (IOException e) {
            // A broken connection is handed on like any other: by breaking the other half.
        } finally {
            close(from, to);
        }
    }

    private void close(Socket... sockets) {
        for (Socket socket : sockets) {
            closeQuietly(socket);
            open.remove(socket);
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is of no more use to anybody, closed well or not.
        }
    }

    private static void startThread(Runnable work) {
        Thread thread = new Thread(work, "tcp-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
        cut();
    }
}
