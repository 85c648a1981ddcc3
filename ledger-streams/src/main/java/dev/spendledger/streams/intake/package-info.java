/** From the bytes of a record to the fact it states, or to the reason why it states none. */
package dev.spendledger.streams.intake;
