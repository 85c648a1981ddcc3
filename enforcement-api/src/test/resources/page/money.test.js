import assert from 'node:assert/strict';
import { test } from 'node:test';
import { money, parseMoney, plainMoney, roughMoney } from './money.js';

test('shows an amount to the last micro', () => {
  assert.equal(money(0, 'USD'), '$0.00');
  assert.equal(money(1, 'USD'), '$0.000001');
  assert.equal(money(5_026_266, 'USD'), '$5.026266');
  assert.equal(money(1_234_500_000, 'EUR'), '€1,234.50');
  assert.equal(money(9_007_199_254_740_991, 'USD'), '$9,007,199,254.740991');
});

test('shows two digits that count where there is little room', () => {
  assert.equal(roughMoney(0, 'USD'), '$0.00');
  assert.equal(roughMoney(12_345, 'USD'), '$0.012');
  assert.equal(roughMoney(1, 'USD'), '$0.000001');
  assert.equal(roughMoney(5_026_266, 'USD'), '$5.03');
});

test('reads what it has shown in a field', () => {
  for (const micros of [0, 1, 10, 1_500_000, 12_345_678, 9_007_199_254_740_991]) {
    assert.equal(parseMoney(plainMoney(micros)), micros);
  }
});

test('reads no amount out of what is none', () => {
  for (const text of ['', ' ', '.', '1.', '-1', '1,5', '1e3', '0.0000001', '9007199254.740992', '99999999999']) {
    assert.equal(parseMoney(text), null, text);
  }
});
