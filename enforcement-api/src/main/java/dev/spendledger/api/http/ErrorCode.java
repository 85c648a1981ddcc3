package dev.spendledger.api.http;

import java.util.Locale;

/** The stable codes of errors, with the HTTP status and the sentence that go with each. */
enum ErrorCode {
    INVALID_REQUEST(400, "The request is not valid."),
    UNAUTHORIZED(401, "A valid token is needed."),
    FORBIDDEN(403, "The token does not allow this."),
    ROUTE_NOT_FOUND(404, "There is no such route."),
    CHAT_NOT_FOUND(404, "Chat not found."),
    LIMIT_NOT_FOUND(404, "No such limit is set."),
    METHOD_NOT_ALLOWED(405, "This path does not answer this method."),
    REQUEST_TIMEOUT(408, "The request did not arrive in time."),
    CHAT_CONFLICT(409, "The chat exists with other content."),
    SPEND_LIMIT_EXCEEDED(409, "Chat usage limit exceeded."),
    FROZEN(409, "This chat is frozen."),
    BODY_TOO_LARGE(413, "The body is too large."),
    UNSUPPORTED_MEDIA_TYPE(415, "The content type must be application/json."),
    INTERNAL_ERROR(500, "The ledger failed."),
    OVERLOADED(503, "The ledger receives more at once than it can hold."),
    LOOKUP_FAILED(503, "The ledger cannot read this right now."),
    KAFKA_UNAVAILABLE(503, "Kafka did not acknowledge the write in time.");

    private final int status;
    private final String message;

    ErrorCode(int status, String message) {
        this.status = status;
        this.message = message;
    }

    String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    int status() {
        return status;
    }

    String message() {
        return message;
    }
}
