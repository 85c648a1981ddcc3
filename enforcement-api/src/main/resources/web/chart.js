import uPlot from '../webjars/uplot/uPlot.esm.js';
import { el } from './dom.js';
import { money } from './money.js';
import { AMOUNT_STEPS, TIME_STEPS_S, framed, tickOf } from './scale.js';

const HEIGHT = 260;
/** Half of a time at the end of the axis has room here. */
const ROOM_AT_THE_END = 36;
const ROOM_AT_THE_SIDE = 8;
/** The top of the axis where nothing is spent and there is no limit. */
const TOP_OF_NOTHING = 10_000;
/** With each the line is drawn anew; beyond these the oldest half of what came live is thinned out. */
const LIVE_POINTS_MAX = 2_000;

/** What a tree has spent over time, its limit as a line, and the moment at which it was stopped. */
export class Chart {
  #frame = el('div', { class: 'plot', role: 'img' });
  #currency;
  #times = [];
  #spent = [];
  #limit = null;
  #stoppedAt = null;
  #plot = null;
  #dark = matchMedia('(prefers-color-scheme: dark)');
  #resized = new ResizeObserver(() => this.#resize());

  constructor(currency) {
    this.#currency = currency;
    this.element = this.#frame;
    this.#resized.observe(this.#frame);
    this.#dark.addEventListener('change', this.#rebuild);
  }

  close() {
    this.#resized.disconnect();
    this.#dark.removeEventListener('change', this.#rebuild);
    this.#plot?.destroy();
  }

  /**
   * @param {object} timeline as the API has it
   */
  show(timeline) {
    this.#times = timeline.points.map((point) => Date.parse(point.at) / 1000);
    this.#spent = timeline.points.map((point) => point.spent_micros);
    this.#limit = timeline.limit_micros;
    this.#stoppedAt = timeline.exhausted_at ? Date.parse(timeline.exhausted_at) / 1000 : null;
    if (this.#stoppedAt > this.#times.at(-1)) { // By a limit that was set after the last of its messages.
      this.#times.push(this.#stoppedAt);
      this.#spent.push(this.#spent.at(-1));
    }
    this.#update();
  }

  /** Goes on to what the tree has spent now. */
  grow(spentMicros, limitMicros) {
    const last = this.#times.length - 1;
    if (last < 0 || this.#spent[last] !== spentMicros || this.#limit !== limitMicros) {
      // A message may bear a later time than this clock shows.
      this.#times.push(Math.max(Date.now() / 1000, (this.#times[last] ?? 0) + 0.001));
      this.#spent.push(spentMicros);
      this.#limit = limitMicros;
      if (this.#times.length > LIVE_POINTS_MAX) {
        const isKept = (_, i) => i % 2 === 0 || i > LIVE_POINTS_MAX / 2;
        this.#times = this.#times.filter(isKept);
        this.#spent = this.#spent.filter(isKept);
      }
      this.#update();
    }
  }

  #data() {
    const [times, spent] = framed(this.#times, this.#spent, Date.now() / 1000);
    return [times, spent, times.map(() => this.#limit)];
  }

  #update() {
    const last = this.#spent.at(-1);
    const said = [last === undefined ? 'Nothing is spent yet.' : `${money(last, this.#currency)} spent.`];
    said.push(this.#limit === null ? 'There is no limit.' : `The limit is ${money(this.#limit, this.#currency)}.`);
    if (this.#stoppedAt) {
      said.push(`It was reached at ${new Date(this.#stoppedAt * 1000).toLocaleTimeString('en-GB')}.`);
    }
    this.#frame.setAttribute('aria-label', `Spend over time. ${said.join(' ')}`);
    if (this.#plot) {
      this.#plot.setData(this.#data());
    } else {
      this.#rebuild();
    }
  }

  #resize() {
    if (this.#plot) {
      this.#plot.setSize({ width: this.#frame.clientWidth, height: HEIGHT });
    } else if (this.#times.length > 0) {
      this.#rebuild();
    }
  }

  /** The canvas does not know of the colours of the style sheet. */
  #rebuild = () => {
    this.#plot?.destroy();
    this.#plot = null;
    const width = this.#frame.clientWidth;
    if (width === 0) {
      return; // Not in the document yet.
    }
    const style = getComputedStyle(this.#frame);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const axis = { stroke: colour('quiet'), grid: { stroke: colour('line'), width: 1 }, ticks: { stroke: colour('line'), width: 1 }, font: `12px ${style.fontFamily}` };
    const shown = (_, micros) => (micros === null || micros === undefined ? '–' : money(micros, this.#currency));
    const options = {
      width,
      height: HEIGHT,
      padding: [null, ROOM_AT_THE_END, null, ROOM_AT_THE_SIDE],
      cursor: { drag: { x: false, y: false }, y: false },
      scales: { y: { range: (_, min, max) => [0, (max || TOP_OF_NOTHING) * 1.1] } },
      axes: [
        // A day of 24 hours, as everywhere on the page.
        { ...axis, space: 80, incrs: TIME_STEPS_S, values: (_, ticks, __, ___, step) => ticks.map((tick) => tickOf(tick, step)) },
        { ...axis, size: sizeOfLabels, incrs: AMOUNT_STEPS, values: (_, ticks) => ticks.map((tick) => money(tick, this.#currency)) },
      ],
      series: [
        { label: 'At', value: (_, at) => (at ? new Date(at * 1000).toLocaleString('en-GB') : '–') },
        { label: 'Spent', stroke: colour('accent'), fill: colour('accent-faint'), width: 2, points: { show: false }, paths: uPlot.paths.stepped({ align: 1 }), value: shown },
        { label: 'Limit', stroke: colour('exhausted'), width: 1.5, dash: [6, 4], points: { show: false }, value: shown },
      ],
      hooks: { draw: [(plot) => this.#markStop(plot, colour('exhausted'), style.fontFamily)] },
    };
    this.#plot = new uPlot(options, this.#data(), this.#frame);
  };

  #markStop(plot, colour, font) {
    const { ctx, bbox } = plot;
    const x = this.#stoppedAt === null ? NaN : Math.round(plot.valToPos(this.#stoppedAt, 'x', true));
    if (!(x >= bbox.left && x <= bbox.left + bbox.width)) {
      return;
    }
    const ratio = devicePixelRatio;
    ctx.save();
    ctx.strokeStyle = colour;
    ctx.fillStyle = colour;
    ctx.lineWidth = 1.5 * ratio;
    ctx.setLineDash([]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.font = `600 ${12 * ratio}px ${font}`;
    const isRight = x > bbox.left + bbox.width / 2;
    ctx.textAlign = isRight ? 'right' : 'left';
    ctx.textBaseline = 'bottom';
    ctx.fillText('stopped', x + (isRight ? -6 : 6) * ratio, bbox.top + bbox.height - 6 * ratio);
    ctx.restore();
  }
}

/** The room that the labels of an axis need; uPlot asks again until nothing changes. */
function sizeOfLabels(plot, labels, index, cycle) {
  const axis = plot.axes[index];
  if (cycle > 1) {
    return axis._size;
  }
  plot.ctx.font = axis.font[0];
  const widths = (labels ?? []).map((label) => plot.ctx.measureText(label).width / devicePixelRatio);
  return Math.ceil(axis.ticks.size + axis.gap + Math.max(0, ...widths));
}
