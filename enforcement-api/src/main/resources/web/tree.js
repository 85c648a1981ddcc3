import { treeActions } from './actions.js';
import { getChats, getExplanation, getTimeline } from './api.js';
import { Chart } from './chart.js';
import { Chats } from './chats.js';
import { atMostEvery, el, fill } from './dom.js';
import { Live } from './live.js';
import { money, roughMoney } from './money.js';
import { accountLink, bar, chosen, count, doubt, facts, keep, modelName, plain, problem, section, spent, state, table } from './parts.js';
import { time } from './time.js';

const READ_EVERY_MS = 3_000;
/** Who set a limit, or why a tree is frozen, may change while no number does. */
const EXPLAIN_EVERY_MS = 5_000;
/** Of a tree with many chats all are read anew, page by page. */
const READ_LARGE_EVERY_MS = 15_000;
const LARGE = 1_000;
const CHATS_MAX = 10_000;

/** One tree, found by any of its chats: where it stands and why, its chats, its models, its spend over time. */
export function tree(view, warnings, chatId) {
  const opened = new TreeView(view, warnings, chatId);
  opened.read();
  const timer = setInterval(() => document.hidden || opened.explain(), EXPLAIN_EVERY_MS);
  return () => {
    clearInterval(timer);
    opened.close();
  };
}

class TreeView {
  #warnings;
  #chatId;
  #root = null;
  #closed = false;
  #live = null;
  #spend = null;
  #explanation = null;
  #explaining = false;
  #chart = null;
  #heading = el('h1');
  #head = el('div', {}, el('p', { class: 'quiet' }, 'The tree is being read.'));
  #actions = el('div');
  #trouble = el('div');
  #time = section('Spend over time');
  #chats = section('Chats');
  #models = section('Models');
  #messages = section('Last messages');
  #grid;
  #readSoon = atMostEvery(READ_EVERY_MS, () => this.read());
  #readLargeSoon = atMostEvery(READ_LARGE_EVERY_MS, () => this.read());

  constructor(view, warnings, chatId) {
    this.#warnings = warnings;
    this.#chatId = chatId;
    fill(this.#heading, chosen(chatId));
    this.#grid = new Chats(chatId);
    fill(view, el('p', { class: 'quiet above' }, 'Tree'), this.#heading, this.#trouble, this.#head, this.#actions);
    this.#parts = [this.#time, this.#chats, this.#models, this.#messages].map((part) => part.element);
    view.append(...this.#parts);
    this.#parts.forEach((part) => (part.hidden = true));
  }

  #parts;

  close() {
    this.#closed = true;
    this.#live?.close();
    this.#chart?.close();
    this.#readSoon.cancel();
    this.#readLargeSoon.cancel();
  }

  /** Reads everything anew. */
  async read() {
    try {
      const [spend, explanation, timeline] = await Promise.all([
        this.#readChats(),
        getExplanation(this.#chatId),
        getTimeline(this.#chatId).catch(absentWithoutRoot),
      ]);
      if (!this.#closed) {
        this.#show(spend, explanation, timeline);
      }
    } catch (error) {
      if (!this.#closed) {
        this.#showTrouble(error);
      }
    }
  }

  /** Reads anew only why the tree stands as it does. */
  async explain() {
    const before = this.#explanation;
    if (this.#explaining || !this.#spend?.tree) {
      return;
    }
    this.#explaining = true;
    try {
      const explanation = await getExplanation(this.#chatId);
      if (!this.#closed && this.#explanation === before) { // Else everything was read meanwhile.
        this.#explanation = explanation;
        this.#showHead();
        this.#showMessages();
      }
    } catch (error) {
      if (!this.#closed) {
        this.#showTrouble(error);
      }
    } finally {
      this.#explaining = false;
    }
  }

  /** The chat's spend with all pages of the chats of its tree, as far as they are shown. */
  async #readChats() {
    const spend = await getChats(this.#chatId);
    for (let next = spend.next_page_token; next && spend.chats.length < CHATS_MAX; next = spend.next_page_token) {
      const page = await getChats(this.#chatId, next);
      spend.chats.push(...page.chats);
      spend.next_page_token = page.next_page_token;
    }
    return spend;
  }

  #show(spend, explanation, timeline) {
    this.#spend = spend;
    this.#explanation = explanation;
    this.#warnings.currency = spend.currency;
    fill(this.#trouble);
    delete this.#trouble.dataset.said;
    if (!spend.tree) {
      this.#showParked();
      this.#readSoon(); // Of a chat that was just told that is known in a moment.
      return;
    }
    this.#root = spend.root_chat_id;
    fill(this.#heading, chosen(this.#root));
    this.#showHead();
    this.#showTime(timeline);
    this.#showChats();
    this.#showModels();
    this.#showMessages();
    this.#live ??= new Live({
      query: `kind=tree&root_chat_id=${encodeURIComponent(this.#root)}`,
      onEvent: (kind, tree) => this.#change(tree),
      askInstead: () => this.read(),
    });
  }

  /** The tree has gone on. */
  #change(tree) {
    const before = this.#spend.tree;
    this.#spend.tree = { ...before, frozen: undefined, threshold_percent: undefined, ...tree };
    this.#showHead();
    this.#chart?.grow(tree.spent_micros, tree.limit_micros);
    const same = ['spent_micros', 'limit_micros', 'state', 'frozen', 'chats', 'priced_messages', 'unpriced_messages'];
    if (same.some((name) => before[name] !== tree[name])) {
      (tree.chats > LARGE ? this.#readLargeSoon : this.#readSoon)();
    }
  }

  #showTrouble(error) {
    const said = `${error.message} ${error.detail}`;
    if (this.#trouble.dataset.said !== said) { // Else it would be read out again and again.
      this.#trouble.dataset.said = said;
      fill(this.#trouble, problem(error, () => this.read()));
    }
    this.#head.querySelector(':scope > .quiet')?.remove();
    if (!error.wantsToken) {
      this.#readSoon(); // The chat may be told yet, and the ledger be back.
    }
  }

  #showParked() {
    const { currency, parked_micros: micros, parked_messages: messages, account_id: account } = this.#spend;
    fill(
      this.#head,
      el('p', { class: 'note' }, 'It is not known yet to which tree this chat belongs: its parent, or a chat further up, has not been told. What its messages cost is kept, and counted as soon as that is known.'),
      facts(
        ['Parked', money(micros, currency)],
        ['Parked messages', plain(messages)],
        account ? ['Account', accountLink(account)] : null,
      ),
    );
  }

  /** What stops the tree, `unknown` where nobody can say, null where nothing does: its state and the sentence go by this. */
  #stop() {
    const { check, status } = this.#explanation;
    const { tree } = this.#spend;
    if (tree.frozen || check.code === 'frozen') {
      return 'frozen';
    }
    if (tree.state === 'exhausted') {
      return 'exhausted';
    }
    if (status === 409 && check.scope === 'account_period') {
      return 'account';
    }
    return status === 503 ? 'unknown' : null;
  }

  #showHead() {
    const { currency, parked_micros: parked, parked_messages: parkedMessages } = this.#spend;
    const stop = this.#stop();
    const tree = { ...this.#spend.tree, frozen: stop === 'frozen' };
    const unpriced = tree.unpriced_messages;
    const account = this.#explanation.account_id;
    fill(
      this.#head,
      el('p', {}, state(tree, stop)),
      bar(tree, currency),
      el('p', { class: 'why' }, this.#why(stop)),
      facts(
        ['Spent', spent(tree, currency)],
        ['Limit', tree.limit_micros === null ? 'none' : money(tree.limit_micros, currency)],
        tree.remaining_micros === null ? null : ['Remaining', money(tree.remaining_micros, currency)],
        ['Per minute', roughMoney(tree.spend_micros_per_minute ?? 0, currency)],
        ['Chats', plain(tree.chats)],
        ['New chats per minute', plain(Math.round(tree.chats_per_minute ?? 0))],
        ['Messages', plain(tree.priced_messages)],
        unpriced ? ['Without a price yet', count(unpriced, 'message', 'messages')] : null,
        parkedMessages ? ['Parked', `${money(parked, currency)} of ${count(parkedMessages, 'message', 'messages')}`] : null,
        account ? ['Account', accountLink(account)] : null,
      ),
      doubt(this.#spend),
    );
    const shape = `${tree.limit_micros} ${tree.frozen}`;
    keep(this.#actions, shape, () => treeActions(this.#root, tree, currency, () => this.read()));
  }

  /** Why the tree is stopped or not, and who wanted it so. */
  #why(stop) {
    const { check, limit, freeze, account } = this.#explanation;
    const { tree, currency } = this.#spend;
    const amounts = (totals) => `${money(totals.spent_micros, currency)} of ${money(totals.limit_micros, currency)}`;
    const sentences = [];
    if (stop === 'frozen') {
      const reason = freeze?.reason ? [': “', chosen(freeze.reason), '”'] : [];
      sentences.push('Stopped because ', who(freeze), ' has frozen it', ...reason, at(freeze?.set_at), '. ');
    } else if (stop === 'exhausted') {
      sentences.push(tree.limit_micros === null ? 'Stopped because it has spent more than can be counted. ' : `Stopped because it has spent ${amounts(tree)}. `);
    } else if (stop === 'account') {
      sentences.push('Stopped because its account has spent ', `${amounts(check)} this ${check.period}. It may go on`, at(check.resets_at), '. ');
    } else if (stop === 'unknown') {
      sentences.push(`Nobody can say whether it may go on: ${check.detail ?? check.message} `);
    } else {
      sentences.push('It may go on. ');
    }
    if (limit && limit.spend_limit_micros !== null) {
      sentences.push(
        limit.source === 'chat_created' ? 'Its limit was given when it was created' : ['Its limit was set by ', who(limit)],
        at(limit.set_at),
        '. ',
      );
    } else if (limit?.source === 'limit_set') {
      sentences.push('Its limit was removed by ', who(limit), at(limit.set_at), '. ');
    }
    if (account?.limit_micros != null && stop !== 'account') {
      sentences.push(`Its account has spent ${amounts(account)} this ${account.period}.`);
    }
    return sentences.flat();
  }

  #showTime(timeline) {
    this.#time.element.hidden = timeline === null;
    if (timeline === null) {
      return;
    }
    // The timeline may be some seconds behind: where something is spent the chart begins with that.
    const isEmpty = timeline.points.length === 0 && this.#spend.tree.spent_micros === 0;
    const instead = timeline.complete
      ? isEmpty && el('p', { class: 'quiet' }, 'Nothing is spent yet.')
      : el('p', { class: 'note' }, 'The tree has too many messages to draw them.');
    if (instead) {
      this.#chart?.close();
      this.#chart = null;
      this.#time.show(instead);
      return;
    }
    if (!this.#chart) {
      this.#chart = new Chart(this.#spend.currency);
      this.#time.show(this.#chart.element);
    }
    this.#chart.show(timeline);
    this.#chart.grow(this.#spend.tree.spent_micros, this.#spend.tree.limit_micros);
  }

  #showChats() {
    if (this.#chats.element.hidden) {
      this.#chats.element.hidden = false;
      this.#chats.show(this.#grid.element);
    }
    this.#grid.show(this.#spend.chats, this.#spend.currency, !this.#spend.next_page_token);
  }

  #showModels() {
    const { tree, currency } = this.#spend;
    this.#models.element.hidden = !tree.models;
    const rows = (tree.models ?? []).map((model) => [
      modelName(model.model),
      money(model.spent_micros, currency),
      `${plain(model.priced_messages)}${model.unpriced_messages ? ` +${plain(model.unpriced_messages)} unpriced` : ''}`,
      plain(model.input_tokens ?? 0),
      plain(model.output_tokens ?? 0),
    ]);
    this.#models.show(table('Spend by model', ['Model', 'Spent#', 'Messages#', 'Tokens in#', 'Tokens out#'], rows));
  }

  #showMessages() {
    const { currency } = this.#spend;
    const messages = this.#explanation.last_messages;
    this.#messages.element.hidden = !messages?.length;
    const rows = (messages ?? []).map((message) => [
      time(message.priced_at),
      chosen(message.chat_id),
      modelName(message.model),
      message.cost_micros === null ? 'no price yet' : money(message.cost_micros, currency),
      plain(message.input_tokens ?? 0),
      plain(message.output_tokens ?? 0),
    ]);
    this.#messages.show(table('Last messages', ['At', 'Chat', 'Model', 'Cost#', 'Tokens in#', 'Tokens out#'], rows));
  }
}

const who = (deed) => chosen(deed?.set_by ?? 'somebody');
const at = (moment) => (moment ? [' at ', time(moment)] : []);

/** Of a chat without a root there is no time line. */
function absentWithoutRoot(error) {
  if (error.status === 404) {
    return null;
  }
  throw error;
}
