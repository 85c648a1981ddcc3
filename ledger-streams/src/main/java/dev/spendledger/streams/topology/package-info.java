/** The Kafka Streams graph of the ledger. Start at {@link dev.spendledger.streams.topology.LedgerTopology}. */
package dev.spendledger.streams.topology;
