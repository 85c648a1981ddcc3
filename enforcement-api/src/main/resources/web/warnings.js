import { el } from './dom.js';
import { money } from './money.js';
import { accountLink, treeLink } from './parts.js';
import { time } from './time.js';

const SHOWN_MAX = 20;
const REMEMBERED_MAX = 1_000;

/** The list of thresholds that were passed, the newest first. What is told again is shown once. */
export class Warnings {
  #list;
  #none;
  #seen = new Set();

  /**
   * @param {Element} list
   * @param {Element} none what is shown while there are none
   */
  constructor(list, none) {
    this.#list = list;
    this.#none = none;
    none.append('None since ', time(new Date().toISOString()), '.');
  }

  /** @param {function(): string} currency as far as it is known yet */
  add(alert, currency) {
    if (this.#seen.has(alert.alert_id)) {
      return;
    }
    this.#seen.add(alert.alert_id);
    if (this.#seen.size > REMEMBERED_MAX) {
      this.#seen.delete(this.#seen.values().next().value);
    }
    this.#none.hidden = true;
    this.#list.prepend(entry(alert, currency));
    if (this.#list.children.length > SHOWN_MAX) {
      this.#list.lastElementChild.remove();
    }
  }
}

function entry(alert, currency) {
  const ofTree = alert.kind === 'tree_threshold';
  const reached = alert.threshold_percent >= 100;
  const amounts = `${money(alert.spent_micros, currency)} of ${money(alert.limit_micros, currency)}`;
  return el(
    'li',
    { class: reached ? 'exhausted' : 'warned' },
    el('p', {}, ofTree ? treeLink(alert.root_chat_id) : ['Account ', accountLink(alert.account_id)]),
    el('p', {}, `${reached ? '■' : '▲'} ${alert.threshold_percent} %: ${amounts}`, ofTree ? '' : ` this ${alert.period}`),
    el('p', { class: 'quiet' }, time(alert.at)),
  );
}
