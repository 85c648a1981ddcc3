/**
 * A new element. Text is always text, never markup: ids come from whoever makes chats.
 *
 * @param {string} tag
 * @param {object} attributes `on...` are listeners; null, undefined and false are left out, true is an empty attribute
 * @param {...(Node|string|null)} children null is left out
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  element.append(...shown(children));
  return element;
}

/** Puts these in the place of all that an element has. */
export function fill(element, ...children) {
  element.replaceChildren(...shown(children));
}

const shown = (children) =>
  children.flat().filter((child) => child !== null && child !== undefined).map((child) => (child instanceof Node ? child : visible(child)));

/** A text with the characters that turn the direction of others, as U+202E, by their numbers: else an id could read as another. */
export function visible(text) {
  return String(text).replace(/\p{Bidi_Control}/gu, (turn) => `<U+${turn.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}>`);
}

/** Calls a function at most once in so many ms, and once more after the last call. The result has `cancel()`. */
export function atMostEvery(ms, call) {
  let timer = null;
  let lastMs = -Infinity;
  const run = () => {
    timer = null;
    lastMs = performance.now();
    call();
  };
  const limited = () => {
    timer ??= setTimeout(run, Math.max(0, lastMs + ms - performance.now()));
  };
  limited.cancel = () => clearTimeout(timer);
  return limited;
}
