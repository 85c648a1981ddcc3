import { getTrees } from './api.js';
import { atMostEvery, el, fill } from './dom.js';
import { Live } from './live.js';
import { money, roughMoney } from './money.js';
import { accountLink, bar, plain, problem, spent, state, treeLink } from './parts.js';

const SHOWN_MAX = 50;
const MOST_EVERY_MS = 2_000;
const SORTS = { rate: 'Fastest now', spent: 'Most spent' };

let sort = 'rate';

/** The trees that spend fastest or most. Events tell of the fastest; the most are asked for when something has changed. */
export function overview(view, warnings) {
  const rows = el('tbody');
  const note = el('div', {}, el('p', { class: 'quiet' }, 'The trees are being read.'));
  const frame = el(
    'table',
    { class: 'trees', hidden: true },
    el('caption', { class: 'unseen' }, 'Trees'),
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        ['Tree', 'Spent of its limit', 'State'].map((name) => el('th', { scope: 'col' }, name)),
        el('th', { scope: 'col', class: 'number' }, 'Per minute'),
        el('th', { scope: 'col', class: 'number wide' }, 'Chats'),
      ),
    ),
    rows,
  );

  const show = (reply) => {
    warnings.currency = reply.currency;
    frame.hidden = reply.trees.length === 0;
    const focused = rows.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
    fill(rows, reply.trees.map((tree) => row(tree, reply.currency)));
    if (focused) {
      [...rows.querySelectorAll('a')].find((link) => link.getAttribute('href') === focused)?.focus();
    }
    fill(
      note,
      reply.trees.length === 0 ? el('p', { class: 'quiet' }, 'No tree has spent anything lately.') : null,
      reply.incomplete ? el('p', { class: 'note' }, 'Some trees are missing: a part of the ledger cannot be read now.') : null,
    );
  };
  const ask = async () => {
    const asked = sort;
    try {
      const reply = await getTrees(asked, SHOWN_MAX);
      if (asked === sort) {
        show(reply);
      }
    } catch (error) {
      fill(note, problem(error, ask));
    }
  };
  const askNowAndThen = atMostEvery(MOST_EVERY_MS, ask);
  const live = new Live({
    query: 'kind=trees',
    onEvent: (kind, trees) => (sort === 'rate' ? show(trees) : askNowAndThen()),
    askInstead: ask,
  });

  const choice = ([value, label]) => {
    const choose = () => {
      sort = value;
      ask();
    };
    const input = el('input', { type: 'radio', name: 'sort', value, checked: value === sort, onchange: choose });
    return el('label', {}, input, el('span', {}, label));
  };
  fill(
    view,
    el(
      'div',
      { class: 'title' },
      el('h1', {}, 'Trees'),
      el('fieldset', { class: 'choice' }, el('legend', { class: 'unseen' }, 'Order'), Object.entries(SORTS).map(choice)),
    ),
    frame,
    note,
  );
  ask();
  return () => {
    live.close();
    askNowAndThen.cancel();
  };
}

function row(tree, currency) {
  const limit = tree.limit_micros === null ? '' : ` of ${money(tree.limit_micros, currency)}`;
  return el(
    'tr',
    { class: standingOut(tree) },
    el('th', { scope: 'row' }, treeLink(tree.root_chat_id), el('small', {}, accountLink(tree.account_id))),
    el('td', {}, el('p', { class: 'amount' }, spent(tree, currency), el('span', { class: 'quiet' }, limit)), bar(tree, currency)),
    el('td', {}, state(tree)),
    el('td', { class: 'number' }, roughMoney(tree.spend_micros_per_minute, currency)),
    el(
      'td',
      { class: 'number wide' },
      plain(tree.chats),
      tree.chats_per_minute > 0 ? el('small', {}, `+${plain(Math.round(tree.chats_per_minute))}/min`) : null,
    ),
  );
}

const standingOut = (tree) => (tree.frozen || tree.state === 'exhausted' ? 'stopped' : null);
