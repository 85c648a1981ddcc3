import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventReader } from './sse.js';

const STREAM = ': here\n\nid: 7\n\nid: 8\nevent: trees\ndata: {"a":\ndata: 1}\n\n:\n\ndata:x\n\nevent: tree\nid\n\n';
const EVENTS = [{ id: '7' }, { id: '8', event: 'trees', data: '{"a":\n1}' }, { data: 'x' }, { event: 'tree', id: '' }];

test('reads events and leaves out comments', () => {
  assert.deepEqual(new EventReader().read(STREAM), EVENTS);
});

test('reads the same with the other end of a line', () => {
  assert.deepEqual(new EventReader().read(STREAM.replaceAll('\n', '\r\n')), EVENTS);
});

test('reads the same wherever it is cut', () => {
  for (const stream of [STREAM, STREAM.replaceAll('\n', '\r\n')]) {
    for (let at = 0; at <= stream.length; at++) {
      const reader = new EventReader();
      assert.deepEqual([...reader.read(stream.slice(0, at)), ...reader.read(stream.slice(at))], EVENTS, `cut at ${at}`);
    }
  }
});

test('keeps to itself what has not ended', () => {
  const reader = new EventReader();
  assert.deepEqual(reader.read('id: 1\nevent: tree\ndata: {}\n'), []);
  assert.deepEqual(reader.read('\n'), [{ id: '1', event: 'tree', data: '{}' }]);
});
