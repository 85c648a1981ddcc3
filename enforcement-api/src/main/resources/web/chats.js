import { el, fill } from './dom.js';
import { money, roughMoney } from './money.js';
import { chosen, count, modelName, plain } from './parts.js';

const ROWS_MAX = 2_000;
/** Levels are opened from the root down while the rows stay about this many. */
const ROWS_AT_FIRST = 40;
const LEVELS_INDENTED_MAX = 12;

/**
 * The chats of a tree as a tree, by keyboard as well: up, down, home and end go from row to row, right opens a chat or goes to
 * its first child, left closes it or goes to its parent. Only what is open is in the document.
 */
export class Chats {
  #body = el('tbody');
  #note = el('div');
  #nodes = new Map();
  #top = [];
  #open = new Set();
  #currency;
  #here;
  #focused = null;

  /** @param {string} here the chat that the reader came for */
  constructor(here) {
    this.#here = here;
    const headings = [['Chat'], ['Own', 'number'], ['With those below', 'number'], ['Messages', 'number'], ['Models']];
    this.element = el(
      'div',
      {},
      el(
        'table',
        { class: 'chats', role: 'treegrid', 'aria-label': 'Chats of the tree', onkeydown: (event) => this.#key(event) },
        el(
          'thead',
          { role: 'rowgroup' },
          el('tr', { role: 'row' }, headings.map(([name, kind]) => el('th', { role: 'columnheader', scope: 'col', class: kind }, name))),
        ),
        this.#body,
      ),
      this.#note,
    );
    this.#body.setAttribute('role', 'rowgroup');
    this.#body.addEventListener('click', (event) => this.#click(event));
    this.#body.addEventListener('focusin', (event) => this.#focus(event.target.closest('tr')));
  }

  /**
   * @param {object[]} chats as the API lists them
   * @param {boolean} complete whether these are all
   */
  show(chats, currency, complete) {
    const first = this.#nodes.size === 0;
    this.#currency = currency;
    this.#nodes = new Map(chats.map((chat) => [chat.chat_id, { chat, below: [], parent: null, level: 1 }]));
    this.#top = [];
    for (const node of this.#nodes.values()) {
      node.parent = this.#nodes.get(node.chat.parent_chat_id) ?? null;
      (node.parent?.below ?? this.#top).push(node);
    }
    for (const node of this.#nodes.values()) {
      node.below.sort(dearestFirst);
    }
    if (first) {
      this.#openAtFirst();
    }
    this.#draw(complete);
    const here = this.#nodes.get(this.#here);
    if (first && here?.parent) {
      this.#rowOf(here)?.scrollIntoView({ block: 'center' });
    }
  }

  #openAtFirst() {
    let rows = this.#top.length;
    for (let level = this.#top; level.length > 0; level = level.flatMap((node) => node.below)) {
      for (const node of level) {
        if (rows + node.below.length > ROWS_AT_FIRST) {
          return this.#openTheWayTo(this.#here);
        }
        rows += node.below.length;
        this.#open.add(node.chat.chat_id);
      }
    }
  }

  #openTheWayTo(chatId) {
    for (let node = this.#nodes.get(chatId)?.parent; node; node = node.parent) {
      this.#open.add(node.chat.chat_id);
    }
  }

  #complete = true;

  #draw(complete = this.#complete) {
    this.#complete = complete;
    const hadFocus = this.#body.contains(document.activeElement);
    const rows = [];
    // Not by calls within calls: a tree may be deeper than the stack.
    const waiting = this.#siblings(this.#top, 1);
    while (waiting.length > 0 && rows.length < ROWS_MAX) {
      const place = waiting.pop();
      rows.push(this.#row(place));
      if (this.#open.has(place.node.chat.chat_id)) {
        waiting.push(...this.#siblings(place.node.below, place.level + 1));
      }
    }
    fill(this.#body, rows);
    const focused = rows.find((row) => row.dataset.id === this.#focused) ?? rows[0];
    focused?.setAttribute('tabindex', 0);
    if (hadFocus) {
      focused?.focus({ preventScroll: true });
    }
    const notes = [];
    if (waiting.length > 0) {
      notes.push(`Only ${plain(ROWS_MAX)} rows are shown at a time: close some.`);
    }
    if (!complete) {
      notes.push(`Only ${plain(this.#nodes.size)} chats of the tree are listed. Those whose parent is not among them stand at the top.`);
    }
    fill(this.#note, notes.map((text) => el('p', { class: 'note' }, text)));
  }

  /** In the order in which they are popped. */
  #siblings(nodes, level) {
    return nodes.map((node, i) => ({ node, level, place: i + 1, of: nodes.length })).reverse();
  }

  #row({ node, level, place, of }) {
    const { chat, below } = node;
    const id = chat.chat_id;
    const isParent = below.length > 0;
    const isOpen = this.#open.has(id);
    const subtree = chat.subtree_micros;
    const models = (chat.models ?? []).map((model) => `${modelName(model.model)} ${roughMoney(model.spent_micros, this.#currency)}`);
    const unpriced = chat.unpriced_messages;
    const name = el(
      'td',
      { role: 'gridcell', class: 'name' },
      el('span', { class: 'twist', 'aria-hidden': 'true' }, isParent ? (isOpen ? '▾' : '▸') : ''),
      chosen(id, { class: 'id' }),
      level >= LEVELS_INDENTED_MAX ? el('small', { class: 'quiet', 'aria-hidden': 'true' }, ` level ${plain(level)}`) : null,
      isParent && !isOpen ? el('small', { class: 'quiet' }, ` ${count(below.length, 'child', 'children')}`) : null,
    );
    name.style.setProperty('--level', Math.min(level, LEVELS_INDENTED_MAX) - 1);
    return el(
      'tr',
      {
        role: 'row',
        tabindex: -1,
        'data-id': id,
        class: id === this.#here ? 'here' : null,
        'aria-level': level,
        'aria-posinset': place,
        'aria-setsize': of,
        'aria-expanded': isParent ? String(isOpen) : null,
        'aria-current': id === this.#here ? 'true' : null,
      },
      name,
      el('td', { role: 'gridcell', class: 'number own' }, money(chat.spent_micros, this.#currency)),
      el('td', { role: 'gridcell', class: 'number below' }, subtree === undefined ? '–' : money(subtree, this.#currency)),
      el(
        'td',
        { role: 'gridcell', class: 'number messages' },
        plain(chat.priced_messages),
        unpriced ? el('small', {}, `+${plain(unpriced)} unpriced`) : null,
      ),
      el('td', { role: 'gridcell', class: 'models' }, models.join(', ')),
    );
  }

  #click(event) {
    const row = event.target.closest('tr');
    if (row && getSelection().isCollapsed) {
      this.#focused = row.dataset.id;
      row.focus({ preventScroll: true });
      this.#toggle(row.dataset.id, !this.#open.has(row.dataset.id));
    }
  }

  #toggle(id, open) {
    if (open && this.#nodes.get(id).below.length > 0) {
      this.#open.add(id);
    } else {
      this.#open.delete(id);
    }
    this.#draw();
  }

  #focus(row) {
    this.#body.querySelector('tr[tabindex="0"]')?.setAttribute('tabindex', -1);
    row.setAttribute('tabindex', 0);
    this.#focused = row.dataset.id;
  }

  #key(event) {
    const row = event.target.closest('tbody tr');
    if (!row || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) {
      return;
    }
    const id = row.dataset.id;
    const { below, parent } = this.#nodes.get(id);
    const isOpen = this.#open.has(id);
    const moves = {
      ArrowDown: () => row.nextElementSibling?.focus(),
      ArrowUp: () => row.previousElementSibling?.focus(),
      Home: () => this.#body.firstElementChild.focus(),
      End: () => this.#body.lastElementChild.focus(),
      ArrowRight: () => (isOpen ? row.nextElementSibling?.focus() : this.#toggle(id, below.length > 0)),
      ArrowLeft: () => (isOpen ? this.#toggle(id, false) : this.#rowOf(parent)?.focus()),
      Enter: () => this.#toggle(id, !isOpen),
      ' ': () => this.#toggle(id, !isOpen),
    };
    if (moves[event.key]) {
      event.preventDefault();
      moves[event.key]();
    }
  }

  #rowOf(node) {
    return node && [...this.#body.children].find((row) => row.dataset.id === node.chat.chat_id);
  }
}

function dearestFirst(a, b) {
  const cost = ({ chat }) => chat.subtree_micros ?? chat.spent_micros;
  return cost(b) - cost(a) || (a.chat.chat_id < b.chat.chat_id ? -1 : 1);
}
