package dev.spendledger.api.http;

import dev.spendledger.api.decision.Decision;
import dev.spendledger.api.decision.Operation;
import dev.spendledger.streams.domain.Ranges;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Optional;

/**
 * Answers a plain check at once where all that it takes is in memory, and leaves every other request to the routes, which
 * would answer this one in the same way: finding the route, and handing the work to another thread, would cost several times
 * what the check does.
 */
public final class DirectChecks implements Handler<HttpServerRequest> {
    private static final String BEFORE_ID = "/v1/chats/";
    private static final String BEHIND_ID = "/check";

    private final LedgerApi ledger;
    private final RequestLog requestLog;
    private final Handler<HttpServerRequest> routes;

    /** @param routes what answers all that is not answered at once */
    public DirectChecks(LedgerApi ledger, RequestLog requestLog, Handler<HttpServerRequest> routes) {
        this.ledger = ledger;
        this.requestLog = requestLog;
        this.routes = routes;
    }

    @Override
    public void handle(HttpServerRequest request) {
        long startNanos = System.nanoTime();
        Optional<Decision> decision = isPlainCheck(request) && isUsual(request) ? decide(request) : Optional.empty();
        if (decision.isEmpty()) {
            routes.handle(request);
            return;
        }
        RequestLog.mark(request);
        DecisionReply.write(request.response(), decision.get(), ledger.clock().instant());
        ledger.meters()
                .onCheck(Operation.SEND_MESSAGE, decision.get(), Duration.ofNanos(System.nanoTime() - startNanos));
    }

    private Optional<Decision> decide(HttpServerRequest request) {
        try {
            return ledger.spendCheck().checkInMemory(chatId(request.uri()), Optional.empty());
        } catch (RuntimeException e) {
            return Optional.empty(); // A bug: the routes meet it too, and log it.
        }
    }

    /** Whether it asks for a chat whose id stands in the path as it is, with nothing else to be read. */
    private static boolean isPlainCheck(HttpServerRequest request) {
        String uri = request.uri();
        return request.method() == HttpMethod.POST
                && uri.startsWith(BEFORE_ID)
                && uri.endsWith(BEHIND_ID)
                && isPlainId(uri, BEFORE_ID.length(), uri.length() - BEHIND_ID.length())
                && request.authority() != null // Which only HTTP/1.0 may lack.
                && hasNothingToRead(request.headers());
    }

    /** Whether it may ask, and nobody wants to read of it in the log. */
    private boolean isUsual(HttpServerRequest request) {
        return ledger.access().allowsCheck(request) && !requestLog.isWanted(request);
    }

    /** Of the characters that are the same whether encoded or not. */
    private static boolean isPlainId(String uri, int from, int to) {
        if (from >= to || to - from > Ranges.MAX_ID_LENGTH) {
            return false;
        }
        for (int i = from; i < to; i++) {
            char character = uri.charAt(i);
            boolean plain = character >= 'a' && character <= 'z'
                    || character >= 'A' && character <= 'Z'
                    || character >= '0' && character <= '9'
                    || character == '-'
                    || character == '_';
            if (!plain) {
                return false;
            }
        }
        return true;
    }

    private static boolean hasNothingToRead(MultiMap headers) {
        String length = headers.get(HttpHeaders.CONTENT_LENGTH);
        return (length == null || length.equals("0"))
                && !headers.contains(HttpHeaders.TRANSFER_ENCODING)
                && !headers.contains(HttpHeaders.CONTENT_TYPE)
                && !headers.contains(HttpHeaders.EXPECT);
    }

    private static String chatId(String uri) {
        return uri.substring(BEFORE_ID.length(), uri.length() - BEHIND_ID.length());
    }
}
