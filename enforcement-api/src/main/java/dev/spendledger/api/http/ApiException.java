package dev.spendledger.api.http;

import java.util.List;
import java.util.Map;

/** A request ends with an error that the contract names. */
final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    static final Map<String, String> RETRY_SOON = Map.of("Retry-After", "1");

    private final ErrorCode code;
    private final transient List<Validation> validations;
    private final transient Map<String, String> headers;

    /** A field of the request, and what it must be. */
    record Validation(String field, String detail) {}

    ApiException(ErrorCode code, String detail) {
        this(code, detail, List.of(), Map.of());
    }

    ApiException(ErrorCode code, String detail, Map<String, String> headers) {
        this(code, detail, List.of(), headers);
    }

    private ApiException(ErrorCode code, String detail, List<Validation> validations, Map<String, String> headers) {
        super(detail, null, false, false); // An answer, not a fault: nobody reads its stack.
        this.code = code;
        this.validations = validations;
        this.headers = headers;
    }

    /** What is wrong with a request, all of it at once. */
    static ApiException invalid(List<Validation> validations) {
        return new ApiException(
                ErrorCode.INVALID_REQUEST,
                validations.size() == 1
                        ? "1 violation, see validations."
                        : validations.size() + " violations, see validations.",
                validations,
                Map.of());
    }

    static ApiException invalid(String field, String detail) {
        return invalid(List.of(new Validation(field, detail)));
    }

    static ApiException lookupFailed(String reason) {
        return new ApiException(
                ErrorCode.LOOKUP_FAILED,
                "The store could not be read (" + reason + "). Ask again.",
                List.of(),
                RETRY_SOON);
    }

    ErrorCode code() {
        return code;
    }

    List<Validation> validations() {
        return validations;
    }

    Map<String, String> headers() {
        return headers;
    }
}
