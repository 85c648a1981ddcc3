/** Reads server-sent events out of text that comes in pieces. */
export class EventReader {
  #rest = '';
  #event = {};

  /**
   * The events that end in this piece, as `{id?, event?, data?}`: those without data too, for they may bring an id.
   *
   * @param {string} piece
   */
  read(piece) {
    const lines = (this.#rest + piece).split(/\r\n|\n/);
    this.#rest = lines.pop();
    const events = [];
    for (const line of lines) {
      if (line !== '') {
        this.#field(line);
      } else if (Object.keys(this.#event).length > 0) {
        events.push(this.#event);
        this.#event = {};
      }
    }
    return events;
  }

  #field(line) {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') {
      this.#event.data = 'data' in this.#event ? `${this.#event.data}\n${value}` : value;
    } else if (name === 'id' || name === 'event') {
      this.#event[name] = value;
    } // Of the others one is a comment, which begins with the colon, and `retry` the page knows better.
  }
}
