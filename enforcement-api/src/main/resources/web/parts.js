import { el, fill, visible } from './dom.js';
import { money } from './money.js';

const counts = new Intl.NumberFormat('en');

/** A number of things, as `1,204 chats`. */
export function count(number, one, many) {
  return `${counts.format(number)} ${number === 1 ? one : many}`;
}

/** A number on its own. */
export const plain = (number) => counts.format(number);

/** How much is spent, where the ledger counts further than it can say. */
export function spent(totals, currency) {
  return `${totals.overflow ? 'over ' : ''}${money(totals.spent_micros, currency)}`;
}

/** The part of its limit that is spent, in whole percents, rounded down: 100 means that it is reached. Null = no limit. */
export function percentOf(totals) {
  if (totals.limit_micros === null) {
    return null;
  }
  return totals.limit_micros === 0 ? 100 : Math.floor((totals.spent_micros / totals.limit_micros) * 100);
}

/** A bar towards the limit; without one, words. */
export function bar(totals, currency) {
  const percent = percentOf(totals);
  if (percent === null) {
    return el('p', { class: 'quiet bar-text' }, 'no limit');
  }
  const said = `${spent(totals, currency)} of ${money(totals.limit_micros, currency)} spent, ${plain(percent)} %`;
  const part = el('span');
  part.style.inlineSize = `${Math.min(100, percent)}%`;
  const attributes = { 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': Math.min(100, percent) };
  return el(
    'div',
    { class: `bar ${standing(totals).kind}`, role: 'meter', 'aria-label': 'Spent of the limit', 'aria-valuetext': said, ...attributes },
    part,
  );
}

function standing({ frozen, state, threshold_percent: threshold }) {
  if (frozen) {
    return { kind: 'frozen', sign: '❄', text: 'frozen' };
  }
  if (state === 'exhausted') {
    return { kind: 'exhausted', sign: '■', text: 'exhausted' };
  }
  return threshold
    ? { kind: 'warned', sign: '▲', text: `over ${threshold} %` }
    : { kind: 'within', sign: '●', text: 'within' };
}

/** What stands over a tree that is stopped, or may be, by something else than what it has spent itself. */
const FROM_OUTSIDE = {
  account: { kind: 'exhausted', sign: '■', text: 'stopped by its account' },
  unknown: { kind: 'warned', sign: '?', text: 'not known' },
};

/**
 * How a tree or an account stands, in a word with a sign.
 *
 * @param {?string} fromOutside `account` or `unknown`: what decides instead
 */
export function state(totals, fromOutside = null) {
  const { kind, sign, text } = FROM_OUTSIDE[fromOutside] ?? standing(totals);
  return el('span', { class: `state ${kind}` }, el('span', { 'aria-hidden': 'true' }, sign), ` ${text}`);
}

/** Names with what belongs to them. */
export function facts(...pairs) {
  const shown = pairs.filter((pair) => pair !== null);
  return el('dl', { class: 'facts' }, shown.map(([name, ...value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))));
}

/** A table that scrolls by itself where there is no room for it. Headings that end in # are of numbers. */
export function table(caption, headings, rows) {
  const isNumber = headings.map((heading) => heading.endsWith('#'));
  const cell = (value, column) => el('td', { class: isNumber[column] ? 'number' : null }, value);
  return el(
    'div',
    { class: 'scroll', role: 'region', 'aria-label': caption, tabindex: 0 },
    el(
      'table',
      {},
      el('caption', { class: 'unseen' }, caption),
      el(
        'thead',
        {},
        el('tr', {}, headings.map((heading, i) => el('th', { scope: 'col', class: isNumber[i] ? 'number' : null }, heading.replace('#', '')))),
      ),
      el('tbody', {}, rows.map((row) => el('tr', {}, row.map(cell)))),
    ),
  );
}

/** What the API said went wrong. */
export function problem(error, retry = null) {
  return el(
    'div',
    { class: 'problem', role: 'alert' },
    el('p', {}, el('strong', {}, error.message), ' ', error.detail ?? ''),
    retry && el('button', { type: 'button', onclick: retry }, 'Try again'),
  );
}

/** That what is shown may be old, and why; empty = it is not. */
export function doubt(reply) {
  return reply.degraded
    ? el('p', { class: 'note' }, `This may be behind: it was answered in place of the owner of the data (${reply.degraded_reason}).`)
    : null;
}

/** The name of a model as messages tell it. */
export const modelName = (model) => model ?? 'not said';

/** What others have chosen, an id for instance: whichever way it is written, the text around it reads as it should. */
export const chosen = (text, attributes = {}) => el('bdi', attributes, text);

export const treeLink = (chatId) => el('a', { href: `#/tree/${encodeURIComponent(chatId)}`, title: visible(chatId) }, chosen(chatId));
export const accountLink = (accountId) => el('a', { href: `#/account/${encodeURIComponent(accountId)}`, title: visible(accountId) }, chosen(accountId));

/**
 * Leaves the buttons in an element alone while they do the same: else one would be gone from under the reader's hand.
 *
 * @param {string} shape what the buttons depend on
 */
export function keep(element, shape, buttons) {
  if (element.dataset.shape !== shape) {
    const hadFocus = element.contains(document.activeElement);
    element.dataset.shape = shape;
    fill(element, buttons());
    if (hadFocus) {
      element.querySelector('button').focus({ preventScroll: true });
    }
  }
}

/** A section with a heading and a body to fill; a table in it stays where the reader has scrolled it to. */
export function section(title) {
  const body = el('div');
  const show = (...parts) => {
    const before = body.querySelector(':scope > .scroll');
    const hadFocus = before !== null && before === document.activeElement;
    const left = before?.scrollLeft;
    fill(body, ...parts);
    const now = body.querySelector(':scope > .scroll');
    if (before && now) {
      now.scrollLeft = left;
      if (hadFocus) {
        now.focus({ preventScroll: true });
      }
    }
  };
  return { element: el('section', {}, el('h2', {}, title), body), show };
}
