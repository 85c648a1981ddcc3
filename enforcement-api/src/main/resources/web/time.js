import { el } from './dom.js';

const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const short = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** A moment in the reader's time zone, with UTC as its title. Of today the time alone. */
export function time(rfc3339) {
  const at = new Date(rfc3339);
  const isToday = at.toDateString() === new Date().toDateString();
  return el('time', { datetime: rfc3339, title: utc(rfc3339) }, (isToday ? short : full).format(at));
}

/** The same with its date, whatever day it is. */
export function dateAndTime(rfc3339) {
  return el('time', { datetime: rfc3339, title: utc(rfc3339) }, full.format(new Date(rfc3339)));
}

function utc(rfc3339) {
  return `${new Date(rfc3339).toISOString().replace('T', ' ').replace('Z', '')} UTC`;
}
