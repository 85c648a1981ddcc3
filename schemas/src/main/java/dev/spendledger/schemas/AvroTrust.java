package dev.spendledger.schemas;

import org.apache.avro.util.ClassSecurityValidator;

/** Avro loads no generated class that it has not been told to trust: the ledger's own, beside whatever is trusted already. */
final class AvroTrust {
    static {
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(
                ClassSecurityValidator.getGlobal(),
                type -> type.getPackageName().matches("dev\\.spendledger\\.(events|state)")));
    }

    private AvroTrust() {}

    /** Must have been called before the first record is read. */
    static void establish() {
        // Its work is done once, when this class is loaded.
    }
}
