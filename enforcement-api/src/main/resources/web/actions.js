import * as api from './api.js';
import { ask } from './dialog.js';
import { el } from './dom.js';
import { parseMoney, plainMoney } from './money.js';
import { chosen } from './parts.js';

const NAME = 'ledger-name';

function amountField(micros, currency) {
  const value = micros === null ? null : plainMoney(micros);
  return {
    name: 'amount',
    label: `Limit in ${currency}`,
    inputmode: 'decimal',
    pattern: '\\d{1,10}(\\.\\d{1,6})?',
    title: 'A number with up to 6 decimals, as 12.50',
    hint: 'Up to 6 decimals, as 12.50.',
    required: true,
    value,
  };
}

function nameField() {
  return {
    name: 'name',
    label: 'Your name (optional)',
    hint: 'Shown to whoever asks who did this.',
    maxlength: 128,
    value: sessionStorage.getItem(NAME),
  };
}

/** What goes into a request of who does it. */
function by(values) {
  sessionStorage.setItem(NAME, values.name);
  return values.name ? { set_by: values.name } : {};
}

/** An amount out of the dialog; its field lets nothing else through but one that is too large. */
function micros(values) {
  const amount = parseMoney(values.amount);
  if (amount === null) {
    throw new Error('This is more than a limit may be.');
  }
  return amount;
}

function button(label, question, done, stops = false) {
  const click = async () => (await ask({ stops, ...question })) && done();
  return el('button', { type: 'button', class: stops ? 'stops' : null, onclick: click }, label);
}

/**
 * What can be done to a tree.
 *
 * @param {function()} done called when something was
 */
export function treeActions(root, tree, currency, done) {
  const hasLimit = tree.limit_micros !== null;
  return el(
    'p',
    { class: 'buttons' },
    button(
      hasLimit ? 'Change limit' : 'Set a limit',
      {
        title: ['The limit of ', chosen(root)],
        text: 'It counts for the whole tree, for as long as it lives.',
        fields: [amountField(tree.limit_micros, currency), nameField()],
        action: 'Set limit',
        submit: (values) => api.setLimit(root, { spend_limit_micros: micros(values), ...by(values) }),
      },
      done,
    ),
    hasLimit
      ? button(
          'Remove limit',
          {
            title: ['Remove the limit of ', chosen(root), '?'],
            text: 'The tree may then spend without end, as far as its account lets it.',
            action: 'Remove limit',
            submit: () => api.removeLimit(root),
          },
          done,
          true,
        )
      : null,
    tree.frozen
      ? button(
          'Unfreeze',
          {
            title: ['Let ', chosen(root), ' go on?'],
            text: 'The tree may go on as far as its limit lets it.',
            action: 'Unfreeze',
            submit: () => api.unfreeze(root),
          },
          done,
        )
      : button(
          'Freeze',
          {
            title: ['Freeze ', chosen(root), '?'],
            text: 'Every chat of the tree is stopped at its next check, whatever it has spent.',
            fields: [{ name: 'reason', label: 'Reason (optional)', maxlength: 256 }, nameField()],
            action: 'Freeze',
            submit: (values) => api.freeze(root, { ...(values.reason ? { reason: values.reason } : {}), ...by(values) }),
          },
          done,
          true,
        ),
  );
}

/** What can be done to an account. */
export function accountActions(accountId, account, done) {
  const hasOwn = account.limit_source === 'account';
  return el(
    'p',
    { class: 'buttons' },
    button(
      hasOwn ? 'Change limit' : 'Set a limit of its own',
      {
        title: ['The limit of ', chosen(accountId)],
        text: `It counts for what the account spends in each ${account.period}.`,
        fields: [amountField(account.limit_micros, account.currency), nameField()],
        action: 'Set limit',
        submit: (values) => api.setAccountLimit(accountId, { spend_limit_micros: micros(values), ...by(values) }),
      },
      done,
    ),
    hasOwn
      ? button(
          'Remove limit',
          {
            title: ['Remove the limit of ', chosen(accountId), '?'],
            text: 'It is then held to that of its groups, else to the default, else to none.',
            action: 'Remove limit',
            submit: () => api.removeAccountLimit(accountId),
          },
          done,
          true,
        )
      : null,
  );
}
