package dev.spendledger.streams.domain;

/**
 * Why a record cannot be counted.
 *
 * @param reason the kind
 * @param detail the particulars, for people: names the field and what would be right
 */
public record Rejection(RejectReason reason, String detail) {}
