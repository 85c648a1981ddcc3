package dev.spendledger.api.command;

/** What the user asked for cannot be done as it was asked; the message says what would be right. */
public final class UserErrorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UserErrorException(String message) {
        super(message);
    }
}
