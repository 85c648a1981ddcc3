import { el, fill } from './dom.js';
import { problem } from './parts.js';

/**
 * Asks the reader, and stays open until what follows from the answer has worked or the reader has had enough.
 *
 * @param {object} question
 * @param {(string|Node)[]|string} question.title
 * @param {?string} question.text
 * @param {object[]} question.fields `{name, label, type?, value?, hint?, required?, maxlength?}`
 * @param {string} question.action what the button says
 * @param {boolean} question.stops whether it stops somebody, or spends somebody's money
 * @param {function(object): Promise<void>} question.submit gets the values by name; what it throws is shown
 * @returns {Promise<boolean>} whether it was done
 */
export function ask({ title, text = null, fields = [], action, stops = false, submit }) {
  return new Promise((resolve) => {
    const trouble = el('div');
    const inputs = fields.map(({ name, label, hint, type = 'text', ...rest }) => {
      const input = el('input', { id: `ask-${name}`, name, type, autocomplete: 'off', spellcheck: 'false', ...rest });
      return el('p', {}, el('label', { for: `ask-${name}` }, label), input, hint ? el('small', { class: 'quiet' }, hint) : null);
    });
    const go = el('button', { class: stops ? 'main stops' : 'main' }, action);
    let done = false;
    const form = el(
      'form',
      {
        onsubmit: async (event) => {
          event.preventDefault();
          go.disabled = true;
          try {
            await submit(Object.fromEntries(new FormData(form)));
            done = true;
            dialog.close();
          } catch (error) {
            fill(trouble, problem(error));
          } finally {
            go.disabled = false;
          }
        },
      },
      el('h2', { id: 'ask-title' }, title),
      text && el('p', {}, text),
      inputs,
      trouble,
      el('p', { class: 'buttons' }, el('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel'), go),
    );
    const dialog = el('dialog', { 'aria-labelledby': 'ask-title', onclose: () => (dialog.remove(), resolve(done)) }, form);
    document.body.append(dialog);
    dialog.showModal();
  });
}
