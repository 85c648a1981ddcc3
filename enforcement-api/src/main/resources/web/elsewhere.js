import { getInstances } from './api.js';

const ASK_EVERY_MS = 30_000;
const ANSWERS_WITHIN_MS = 2_000;
const LAST_EVENT_ID = 'last_event_id';

let others = [];
let lastEventId = () => null;
let moving = false;

/** Keeps in mind which other instances there are, for when this one is gone. */
export function rememberOthers(eventId) {
  lastEventId = eventId;
  const ask = async () => {
    try {
      const { instances } = await getInstances();
      others = instances.filter((url) => new URL(url).origin !== location.origin);
    } catch (unanswered) {
      console.info('The other instances are not known anew.', unanswered); // Those from before are still a good guess.
    }
  };
  ask();
  setInterval(ask, ASK_EVERY_MS);
}

/** Goes to the first other instance that answers, if one does, to the same view and the same place in the events. */
export async function moveOn() {
  if (moving || others.length === 0) {
    return;
  }
  moving = true;
  try {
    const url = await Promise.any(others.map(answering));
    const { view } = route();
    const id = lastEventId();
    location.replace(`${url}/${view}${id ? `?${LAST_EVENT_ID}=${encodeURIComponent(id)}` : ''}`);
  } catch (none) {
    moving = false; // None answers: asked again after the next attempt.
  }
}

/** An instance's URL once it answers. What it says cannot be read from here, and need not be. */
async function answering(url) {
  const base = url.replace(/\/$/, '');
  await fetch(`${base}/livez`, { mode: 'no-cors', cache: 'no-store', signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
  return base;
}

/** What the address names: the view, as `#/tree/root-1`, and where in the events to go on; null = nowhere. */
export function route() {
  const [view, query] = (location.hash || '#/').split('?', 2);
  return { view, lastEventId: new URLSearchParams(query ?? '').get(LAST_EVENT_ID) };
}
