package dev.spendledger.api.http;

import java.util.List;

/** Whether an instance is well. */
public interface Health {

    /**
     * One thing that was looked at.
     *
     * @param name what
     * @param ok whether it is as it should be
     * @param detail what was found, for people
     */
    record Check(String name, boolean ok, String detail) {}

    /** Whether the process does any good; if not, it wants to be started afresh. */
    List<Check> live();

    /** Whether it should be sent requests. It stays ready when Kafka is lost: an instance that is not asked rejects nothing. */
    List<Check> ready();
}
