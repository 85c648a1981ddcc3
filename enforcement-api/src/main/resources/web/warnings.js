import { el, fill } from './dom.js';
import { money, plainMoney } from './money.js';
import { accountLink, treeLink } from './parts.js';
import { time } from './time.js';

const SHOWN_MAX = 20;
const REMEMBERED_MAX = 1_000;

/** The list of thresholds that were passed, the newest first. What is told again is shown once. */
export class Warnings {
  #list;
  #none;
  #seen = new Set();
  #alerts = [];
  #currency = null;

  /**
   * @param {Element} list
   * @param {Element} none what is shown while there are none
   */
  constructor(list, none) {
    this.#list = list;
    this.#none = none;
    none.append('None since ', time(new Date().toISOString()), '.');
  }

  /** In which all amounts are: alerts do not tell. Until a view has learnt it they are shown without. */
  set currency(currency) {
    if (this.#currency !== currency) {
      this.#currency = currency;
      fill(this.#list, this.#alerts.map((alert) => entry(alert, currency)));
    }
  }

  add(alert) {
    if (this.#seen.has(alert.alert_id)) {
      return;
    }
    this.#seen.add(alert.alert_id);
    if (this.#seen.size > REMEMBERED_MAX) {
      this.#seen.delete(this.#seen.values().next().value);
    }
    this.#none.hidden = true;
    this.#alerts.unshift(alert);
    this.#list.prepend(entry(alert, this.#currency));
    if (this.#alerts.length > SHOWN_MAX) {
      this.#alerts.pop();
      this.#list.lastElementChild.remove();
    }
  }
}

function entry(alert, currency) {
  const ofTree = alert.kind === 'tree_threshold';
  const reached = alert.threshold_percent >= 100;
  const amount = (micros) => (currency === null ? plainMoney(micros) : money(micros, currency));
  const amounts = `${amount(alert.spent_micros)} of ${amount(alert.limit_micros)}`;
  return el(
    'li',
    { class: reached ? 'exhausted' : 'warned' },
    el('p', {}, ofTree ? treeLink(alert.root_chat_id) : ['Account ', accountLink(alert.account_id)]),
    el('p', {}, `${reached ? '■' : '▲'} ${alert.threshold_percent} %: ${amounts}`, ofTree ? '' : ` this ${alert.period}`),
    el('p', { class: 'quiet' }, time(alert.at)),
  );
}
