/**
 * The rules of the ledger as plain records and pure functions: what a fact is, how a chat comes to its root, how messages
 * fold into totals, when a tree is exhausted. Knows neither Kafka nor Avro, and no clock.
 */
package dev.spendledger.streams.domain;
