/** Before the first of its points, and after the last, a line has this much room, or this part of its length where that is more. */
const MARGIN_S = 2;
const MARGIN_PART = 0.02;
const DAY_S = 86_400;

/** Between two times at the axis: none is below a second, which is what they show. */
export const TIME_STEPS_S = [1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, ...[1, 2, 7, 30, 90, 365].map((days) => days * DAY_S)];

/** Between two amounts at the axis, in micros: none is below one, and each is short when it is written in full. */
export const AMOUNT_STEPS = Array.from({ length: 16 }, (_, digits) => [1, 2, 5].map((step) => step * 10 ** digits)).flat();

/**
 * A line of steps, with what was before its first point and is since its last: else one point alone would be no line.
 *
 * @param {number[]} times in seconds
 * @param {number[]} spent
 * @param {number} now in seconds
 */
export function framed(times, spent, now) {
  if (times.length === 0) {
    return [[], []];
  }
  const first = times[0];
  const last = times.at(-1);
  const margin = Math.max(MARGIN_S, (last - first) * MARGIN_PART);
  const end = Math.min(now, last + margin);
  return [
    [first - margin, ...times, ...(end > last ? [end] : [])],
    [0, ...spent, ...(end > last ? [spent.at(-1)] : [])],
  ];
}

/** A time as the axis shows it. */
export function tickOf(second, stepSeconds) {
  const at = new Date(second * 1000);
  if (stepSeconds >= DAY_S) {
    return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
  }
  return at.toLocaleTimeString('en-GB', stepSeconds >= 60 ? { hour: '2-digit', minute: '2-digit' } : {});
}
