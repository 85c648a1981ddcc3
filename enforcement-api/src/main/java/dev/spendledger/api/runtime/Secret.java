package dev.spendledger.api.runtime;

import dev.spendledger.api.http.Tokens;
import dev.spendledger.api.runtime.LedgerInstance.StartException;
import java.nio.file.Path;
import java.util.Optional;

/** By which the instances of a ledger know each other. */
public final class Secret {
    private Secret() {}

    /**
     * The secret to show; empty = none is set.
     *
     * @throws StartException if its file cannot be read, or says what it must not
     */
    public static Optional<String> of(LedgerConfig config) throws StartException {
        String file = config.text(Setting.INTERNAL_TOKEN_FILE);
        return file.isEmpty()
                ? Optional.empty()
                : Optional.of(WatchedFile.read(
                                Setting.INTERNAL_TOKEN_FILE.environmentName(), Path.of(file), Tokens::parseSecrets)
                        .get(0));
    }
}
