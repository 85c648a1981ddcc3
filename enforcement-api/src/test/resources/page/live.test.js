import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

/** Not a ledger's: what it answers is made up by each test. */
let answer;
const asked = [];
const complaints = [];
let wentTo;

globalThis.document = Object.assign(new EventTarget(), { hidden: false });
globalThis.addEventListener = () => {};
globalThis.removeEventListener = () => {};
globalThis.sessionStorage = { getItem: () => null };
globalThis.location = { origin: 'http://here', hash: '#/tree/a', replace: (url) => (wentTo = url) };
globalThis.fetch = async (path, options) => {
  if (path === 'v1/instances') {
    return Response.json({ instances: ['http://here', 'http://there'] });
  }
  if (path === 'http://there/livez') {
    return new Response();
  }
  asked.push(options.headers['Last-Event-ID']);
  return answer(options.signal);
};
console.error = (...said) => complaints.push(said.join(' '));

const { Live } = await import('./live.js');
const { rememberOthers } = await import('./elsewhere.js');

/** A stream that sends this and stays open, or ends. */
function stream(text, { ends = false } = {}) {
  return (signal) =>
    new Response(
      new ReadableStream({
        start(sink) {
          sink.enqueue(new TextEncoder().encode(text));
          signal.addEventListener('abort', () => sink.error(signal.reason));
          if (ends) {
            sink.close();
          }
        },
      }),
    );
}

async function until(condition) {
  while (!condition()) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

beforeEach(() => {
  asked.length = 0;
  complaints.length = 0;
  wentTo = undefined;
});

test('goes on after an event that cannot be read', { timeout: 10_000 }, async () => {
  answer = stream('id: 1\nevent: tree\ndata: {"no\n\nid: 2\nevent: tree\ndata: {"n":2}\n\n');
  const seen = [];
  const live = new Live({ query: '', onEvent: (kind, { n }) => seen.push(n) });
  await until(() => seen.length > 0);
  live.close();
  assert.deepEqual(seen, [2]);
  assert.equal(complaints.length, 1);
  assert.match(complaints[0], /kind tree .*SyntaxError/);
});

test('does not ask again for an event that cannot be shown', { timeout: 10_000 }, async () => {
  answer = stream('id: 1\nevent: tree\ndata: {}\n\n', { ends: true });
  const live = new Live({
    query: '',
    onEvent: (kind, tree) => tree.models.length,
  });
  await until(() => asked.length > 1);
  live.close();
  assert.deepEqual(asked.slice(0, 2), [undefined, '1']);
  assert.match(complaints[0], /TypeError/);
});

test('moves on from an instance that goes on refusing', { timeout: 20_000 }, async () => {
  const { setInterval } = globalThis;
  globalThis.setInterval = (...of) => setInterval(...of).unref(); // Else it would keep this process.
  rememberOthers(() => '7');
  answer = () => Response.json({ code: 'overloaded', message: 'Others read.' }, { status: 503 });
  const live = new Live({ query: '', onEvent: () => {} });
  await until(() => wentTo !== undefined);
  live.close();
  assert.ok(asked.length > 2, 'It asks a few times before.');
  assert.equal(wentTo, 'http://there/#/tree/a?last_event_id=7');
});

test('stays where it is told that it asks for something wrong', { timeout: 20_000 }, async () => {
  answer = () => Response.json({ code: 'invalid_request', message: 'No such kind.' }, { status: 400 });
  const live = new Live({ query: '', onEvent: () => {} });
  await until(() => asked.length > 4);
  live.close();
  assert.equal(wentTo, undefined);
});
