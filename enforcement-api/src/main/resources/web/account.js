import { accountActions } from './actions.js';
import { getAccount } from './api.js';
import { el, fill } from './dom.js';
import { Live } from './live.js';
import { money } from './money.js';
import { bar, chosen, count, doubt, facts, keep, plain, problem, spent, state } from './parts.js';
import { dateAndTime } from './time.js';

const ASK_EVERY_MS = 5_000;
const SOURCES = { account: 'its own', group: 'that of a group', default: 'the default' };

/** What an account has spent in its period, and what it is held to. */
export function account(view, warnings, accountId) {
  const body = el('div', {}, el('p', { class: 'quiet' }, 'The account is being read.'));
  const actions = el('div');
  fill(view, el('p', { class: 'quiet above' }, 'Account'), el('h1', {}, chosen(accountId)), body, actions);
  const ask = async () => {
    try {
      const reply = await getAccount(accountId);
      warnings.currency = reply.currency;
      fill(body, shown(reply));
      keep(actions, `${reply.limit_micros} ${reply.limit_source}`, () => accountActions(accountId, reply, ask));
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

function shown(reply) {
  const { currency } = reply;
  const unpriced = reply.unpriced_messages;
  if (reply.limit_micros === null && reply.spent_micros === 0 && !reply.priced_messages && !unpriced && !reply.degraded) {
    return [el('p', { class: 'note' }, `Nothing is known of this account: it has spent nothing this ${reply.period}, and has no limit.`)];
  }
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
  ];
}
