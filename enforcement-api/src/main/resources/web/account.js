import { accountActions } from './actions.js';
import { getAccount } from './api.js';
import { el, fill } from './dom.js';
import { Live } from './live.js';
import { money } from './money.js';
import { bar, count, doubt, facts, plain, problem, spent, state } from './parts.js';
import { dateAndTime } from './time.js';

const ASK_EVERY_MS = 5_000;
const SOURCES = { account: 'its own', group: 'that of a group', default: 'the default' };

/** What an account has spent in its period, and what it is held to. */
export function account(view, context, accountId) {
  const body = el('div', {}, el('p', { class: 'quiet' }, 'The account is being read.'));
  fill(view, el('p', { class: 'quiet above' }, 'Account'), el('h1', {}, accountId), body);
  const ask = async () => {
    try {
      const reply = await getAccount(accountId);
      context.currency = reply.currency;
      const focused = body.contains(document.activeElement) ? document.activeElement.textContent : null;
      fill(body, shown(accountId, reply, ask));
      if (focused !== null) {
        const buttons = [...body.querySelectorAll('button')];
        (buttons.find((button) => button.textContent === focused) ?? buttons[0]).focus({ preventScroll: true });
      }
    } catch (error) {
      fill(body, problem(error, ask));
    }
  };
  ask();
  const timer = setInterval(() => document.hidden || ask(), ASK_EVERY_MS);
  const live = new Live({
    query: `kind=account_threshold&account_id=${encodeURIComponent(accountId)}`,
    onEvent: ask,
  });
  return () => {
    live.close();
    clearInterval(timer);
  };
}

function shown(accountId, reply, done) {
  const { currency } = reply;
  const unpriced = reply.unpriced_messages;
  return [
    el('p', {}, state(reply)),
    bar(reply, currency),
    facts(
      [`Spent this ${reply.period}`, spent(reply, currency)],
      ['Limit', reply.limit_micros === null ? 'none' : `${money(reply.limit_micros, currency)}, ${SOURCES[reply.limit_source]}`],
      reply.remaining_micros === null ? null : ['Remaining', money(reply.remaining_micros, currency)],
      ['Since', dateAndTime(reply.starts_at)],
      ['Begins anew', dateAndTime(reply.resets_at)],
      ['Messages', plain(reply.priced_messages)],
      unpriced ? ['Without a price yet', count(unpriced, 'message', 'messages')] : null,
    ),
    doubt(reply),
    accountActions(accountId, reply, done),
  ];
}
