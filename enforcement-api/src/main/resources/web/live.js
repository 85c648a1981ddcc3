import { authorisation, errorOf, obtainToken } from './api.js';
import { moveOn } from './elsewhere.js';
import { EventReader } from './sse.js';

const PAUSE_MIN_MS = 500;
const PAUSE_MAX_MS = 5_000;
/** The ledger sends something every 10 s. */
const SILENCE_MAX_MS = 25_000;
const ANSWERS_WITHIN_MS = 3_000;
const AWAY_MAX_MS = 3_000;
const ASK_INSTEAD_MS = 5_000;
const BAD_REQUEST = 400;
/** From here on it is the instance that is at fault: it shuts down, for instance, or has too much to do. */
const SERVER_ERROR = 500;

/**
 * Follows /v1/events until it is closed. It connects again by itself, and rests while the page is not seen: browsers allow a
 * server few connections, and what is durable is caught up with.
 *
 * EventSource would be less code, but can show no token.
 */
export class Live {
  #query;
  #onEvent;
  #onState;
  #lastEventId;
  #connection = null;
  #closed = false;
  #state = null;
  #instead;
  #wake = () => {};

  /**
   * @param {object} options
   * @param {string} options.query without the question mark
   * @param {?string} options.lastEventId after which to go on; null = from now on
   * @param {function(string, object)} options.onEvent gets the kind and the data
   * @param {function(string)} options.onState gets `live`, `lost`, `paused` or `denied`
   * @param {function()} options.askInstead called from time to time while it is lost, for what events would have told
   */
  constructor({ query, lastEventId = null, onEvent, onState = () => {}, askInstead = () => {} }) {
    this.#query = query;
    this.#lastEventId = lastEventId;
    this.#onEvent = onEvent;
    this.#onState = (state) => onState((this.#state = state));
    this.#instead = setInterval(() => this.#state === 'lost' && askInstead(), ASK_INSTEAD_MS);
    document.addEventListener('visibilitychange', this.#turn);
    addEventListener('ledger-token', this.#turn);
    this.#run();
  }

  /** Where it has come to, for another instance to go on from. */
  get lastEventId() {
    return this.#lastEventId;
  }

  close() {
    this.#closed = true;
    clearInterval(this.#instead);
    document.removeEventListener('visibilitychange', this.#turn);
    removeEventListener('ledger-token', this.#turn);
    this.#turn();
  }

  /** Something has changed: begins anew. */
  #turn = () => {
    this.#connection?.abort();
    this.#wake();
  };

  async #run() {
    let pauseMs = PAUSE_MIN_MS;
    let awaySinceMs = null;
    const isFollowed = () => {
      pauseMs = PAUSE_MIN_MS;
      awaySinceMs = null;
      this.#onState('live');
    };
    while (!this.#closed) {
      if (document.hidden) {
        this.#onState('paused');
        await this.#pause();
        continue;
      }
      const refusal = await this.#connect(isFollowed);
      if (this.#closed || document.hidden) {
        continue;
      }
      if (refusal?.wantsToken) {
        if (!(await obtainToken(refusal, false))) {
          this.#onState('denied');
          await this.#pause();
        }
        continue;
      }
      this.#onState('lost');
      if (refusal?.status === BAD_REQUEST) {
        this.#lastEventId = null; // Of another ledger, for instance, at the same address before.
      }
      if (refusal?.status < SERVER_ERROR) {
        awaySinceMs = null;
      } else {
        awaySinceMs ??= performance.now();
        if (performance.now() - awaySinceMs >= AWAY_MAX_MS) {
          await moveOn();
        }
      }
      await this.#pause(pauseMs);
      pauseMs = Math.min(PAUSE_MAX_MS, pauseMs * 2);
    }
  }

  /** Until it is told to go on, or so many ms have passed. */
  #pause(ms) {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (ms !== undefined) {
        setTimeout(resolve, ms);
      }
    });
  }

  /** One connection from its beginning to its end. Resolves to what the ledger refused it with, if it did. */
  async #connect(isFollowed) {
    const connection = new AbortController();
    this.#connection = connection;
    let deadline = setTimeout(() => connection.abort(), ANSWERS_WITHIN_MS);
    const resume = this.#lastEventId ? { 'Last-Event-ID': this.#lastEventId } : {};
    try {
      const response = await fetch(`v1/events?${this.#query}`, {
        headers: { ...authorisation(), ...resume },
        cache: 'no-store',
        signal: connection.signal,
      });
      if (!response.ok) {
        return await errorOf(response);
      }
      isFollowed();
      const events = new EventReader();
      const text = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        clearTimeout(deadline);
        deadline = setTimeout(() => connection.abort(), SILENCE_MAX_MS);
        const { done, value } = await text.read();
        if (done) {
          return null;
        }
        events.read(value).forEach((event) => this.#receive(event));
      }
    } catch (broken) {
      if (!connection.signal.aborted) {
        console.info('The event stream broke off, and is begun anew.', broken);
      }
      return null;
    } finally {
      clearTimeout(deadline);
    }
  }

  #receive({ id, event, data }) {
    if (event !== undefined && data !== undefined && !this.#closed) {
      try {
        this.#onEvent(event, JSON.parse(data));
      } catch (error) {
        console.error(`An event of kind ${event} cannot be shown, and is passed over.`, error);
      }
    }
    this.#lastEventId = id ?? this.#lastEventId; // Not before it has been dealt with.
  }
}
