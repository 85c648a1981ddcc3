import assert from 'node:assert/strict';
import { test } from 'node:test';
import { money } from './money.js';
import { AMOUNT_STEPS, framed } from './scale.js';

test('draws one point as a line from nothing to now', () => {
  assert.deepEqual(framed([100], [7], 101), [[98, 100, 101], [0, 7, 7]]);
});

test('does not go on to now where that is long after', () => {
  assert.deepEqual(framed([100, 100.5], [7, 9], 9_000), [[98, 100, 100.5, 102.5], [0, 7, 9, 9]]);
});

test('draws nothing of no points', () => {
  assert.deepEqual(framed([], [], 102), [[], []]);
});

test('ends at the last point where that is later than now', () => {
  assert.deepEqual(framed([100, 1_100], [7, 9], 1_000), [[80, 100, 1_100], [0, 7, 9]]);
});

test('writes no two amounts of an axis alike', () => {
  for (const step of AMOUNT_STEPS.filter((step) => step <= 1e15)) {
    const labels = [0, 1, 2, 3, 4].map((i) => money(i * step, 'USD'));
    assert.equal(new Set(labels).size, labels.length, labels.join());
  }
});
