// Draws the pictures of ../performance.md from what `./ledger bench` has written.
//
//   node draw.mjs [FROM [TO]]
//
// FROM: the folder with the results (*.json), TO: where the pictures (*.svg) go; both are this folder by default. What was
// not measured is left out, and named. The same results make the same bytes.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as vega from 'vega';
import { compile } from 'vega-lite';

const here = dirname(fileURLToPath(import.meta.url));
const [from = here, to = from] = process.argv.slice(2);

const WIDTH = 560;
const COLOURS = ['#1f77b4', '#d95f02', '#4a9c5d', '#7570b3', '#a6761d'];
const GOAL_COLOUR = '#c00000';

// What the ledger is held to; a file and a figure of it that is missing leaves out that line of the picture.
const GOALS = [
  { bench: 'fold', key: /^home_spread_2_threads_per_s$/, what: 'events folded per second', least: 100_000 },
  { bench: 'freshness', key: /^home_5000_p50_ms$/, what: 'until a check sees it, at home, p50 (ms)', most: 2 },
  { bench: 'freshness', key: /^home_5000_p99_ms$/, what: 'until a check sees it, at home, p99 (ms)', most: 15 },
  { bench: 'freshness', key: /^routed_5000_p99_ms$/, what: 'until a check sees it, routed, p99 (ms)', most: 100 },
  { bench: 'check', key: /^c64_check_per_s$/, what: 'checks per second, 64 connections', least: 100_000 },
  { bench: 'check', key: /^c64_check_to_hello$/, what: 'checks to bare hellos, 64 connections', least: 0.8 },
  { bench: 'check', key: /^c64_check_p99_ms$/, what: 'a check, 64 connections, p99 (ms)', most: 5 },
  { bench: 'growth', key: /^messages_1000000_to_10$/, what: 'a check at 1,000,000 messages to one at 10', most: 1.1 },
  {
    bench: 'sizing',
    of: (result) => result.trees >= 1_000_000,
    key: /^resident_mib$/,
    what: 'memory of an instance with 1,000,000 trees (MiB)',
    most: 512,
  },
  { bench: 'start', key: /^demo_.*s$/, what: 'from ./ledger demo to the first answer (s)', most: 6 },
];

const PICTURES = [
  { file: 'goals.svg', draw: goals },
  {
    file: 'check.svg',
    bench: 'check',
    key: /^c(?<connections>\d+)_(?<series>check|livez|hello)_per_s$/,
    title: 'Checks per second over HTTP, and what a bare server on the same machine answers',
    draw: (rows, title) => ({ title, ...lines(rows, { x: 'connections', y: 'answers per second', colour: 'series' }) }),
  },
  {
    file: 'fold.svg',
    bench: 'fold',
    key: /^(?<name>(?<kind>home|routed)_.+|(?<limit>consume_decode|transactions))_per_s$/,
    title: 'Events folded per second, and what Kafka itself does without a fold',
    draw: (rows, title) => ({
      title,
      ...bars(rows.map((row) => ({ ...row, kind: row.limit ? 'no fold' : row.kind })), 'events per second', 'kind'),
    }),
  },
  {
    file: 'freshness.svg',
    bench: 'freshness',
    key: /^(?<where>home|routed)_(?<rate>\d+)_(?<percentile>p50|p99|p999|max)_ms$/,
    title: 'From the acknowledgement of a message to the first check that shows it',
    draw: (rows, title) => ({
      title,
      resolve: { scale: { y: 'shared' } },
      hconcat: groups(rows, 'where').map(([where, of]) => ({
        title: where,
        ...lines(of, { x: 'rate', xTitle: 'messages per second', y: 'ms', colour: 'percentile', log: true }, WIDTH / 2),
      })),
    }),
  },
  {
    file: 'growth.svg',
    bench: 'growth',
    key: /^(?<of>messages|chats|depth)_(?<size>\d+)_(?:(?<time>check_us)|(?<ratio>to_\d+))$/,
    title: 'A check by the size of what it is about',
    draw: growth,
  },
  {
    file: 'postgres.svg',
    bench: 'postgres',
    key: /^(?<name>.+)_checks_per_s$/,
    title: 'Checks per second: PostgreSQL and the ledger',
    draw: (rows, title) => ({ title, ...bars(rows, 'checks per second') }),
  },
  {
    file: 'start.svg',
    bench: 'start',
    key: /^(?<name>.+(?<!per))_s$/,
    title: 'From the start to the first answer',
    draw: (rows, title) => ({ title, ...bars(rows, 'seconds') }),
  },
  {
    file: 'restore.svg',
    bench: 'restore',
    key: /^(?<name>.+(?<!per))_s$/,
    title: "Until every partition has a fresh owner's word again",
    draw: (rows, title) => ({ title, ...bars(rows, 'seconds') }),
  },
];

// ---- what was measured ----

/** The results by the name of their measurement. */
function read(folder) {
  if (!existsSync(folder)) {
    fail(`there is no folder ${folder}`);
  }
  const results = new Map();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json')).sort()) {
    const result = parse(join(folder, file));
    if (result.figures) { // Else it is npm's.
      check(file, result);
      results.set(result.bench, result);
    }
  }
  return results;
}

function parse(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    return fail(`${path} is not JSON: ${error.message}`);
  }
}

function check(file, result) {
  if (typeof result.bench !== 'string') {
    fail(`${file}: bench must name the measurement`);
  }
  for (const [name, figure] of Object.entries(result.figures)) {
    for (const part of ['median', 'min', 'max']) {
      if (!Number.isFinite(figure[part])) {
        fail(`${file}: figures.${name}.${part} must be a number`);
      }
    }
  }
}

/** A row for each figure whose name fits, with what the groups of the pattern have found. */
function rowsOf(result, key) {
  return Object.entries(result.figures).flatMap(([name, { median, min, max }]) => {
    const found = key.exec(name);
    return found ? [{ name, ...found.groups, median, min, max }] : [];
  });
}

function groups(rows, field) {
  return [...new Set(rows.map((row) => row[field]))].map((value) => [value, rows.filter((row) => row[field] === value)]);
}

function fail(message) {
  console.error(`draw: ${message}`);
  process.exit(1);
}

// ---- how it is shown ----

function number(value) {
  return value.toLocaleString('en-US', value >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 });
}

/** A bar for each row in their order, from the least to the greatest a line, and the median as text. */
function bars(rows, title, colour) {
  const name = { field: 'name', type: 'nominal', sort: null, axis: { title: null } };
  return {
    data: { values: rows.map((row) => ({ ...row, name: row.name.replaceAll('_', ' '), text: number(row.median) })) },
    width: WIDTH,
    height: { step: 26 },
    layer: [
      {
        mark: { type: 'bar', color: COLOURS[0] },
        encoding: {
          y: name,
          x: { field: 'median', type: 'quantitative', title },
          ...(colour && { color: { field: colour, type: 'nominal', sort: null, title: null, scale: { range: COLOURS } } }),
        },
      },
      whiskers({ y: name }, 'x'),
      {
        mark: { type: 'text', align: 'left', dx: 6 },
        encoding: { y: name, x: { field: 'max', type: 'quantitative' }, text: { field: 'text' } },
      },
    ],
  };
}

/** A line for each colour through the medians, with one from the least to the greatest at each. */
function lines(rows, { x, xTitle = x, xLog = false, y, colour, log = false, scale = {} }, width = WIDTH) {
  const across = xLog
    ? { field: x, type: 'quantitative', title: xTitle, scale: { type: 'log' }, axis: { format: '~s' } }
    : { field: x, type: 'ordinal', title: xTitle, sort: null, axis: { labelAngle: 0 } };
  const colours = { field: colour, type: 'nominal', sort: null, title: null, scale: { range: COLOURS } };
  const sorted = rows.map((row) => ({ ...row, [x]: Number(row[x]) })).sort((one, other) => one[x] - other[x]);
  return {
    data: { values: sorted },
    width,
    height: 260,
    layer: [
      {
        mark: { type: 'line', point: true },
        encoding: {
          x: across,
          y: {
            field: 'median',
            type: 'quantitative',
            title: y,
            scale: { ...(log ? { type: 'log' } : {}), ...scale },
          },
          color: colours,
        },
      },
      whiskers({ x: across, color: colours }, 'y'),
    ],
  };
}

function whiskers(encoding, along) {
  return {
    mark: { type: 'rule', strokeWidth: 1.5 },
    encoding: { ...encoding, [along]: { field: 'min', type: 'quantitative' }, [`${along}2`]: { field: 'max' } },
  };
}

/** Above the time, below how many times that of the smallest it is. */
function growth(rows, title) {
  const size = { x: 'size', xTitle: 'how many', xLog: true, colour: 'of' };
  const ratios = rows.filter((row) => row.ratio);
  const panels = [lines(rows.filter((row) => row.time), { ...size, y: 'a check (µs)' })];
  if (ratios.length > 0) {
    const panel = lines(ratios, { ...size, y: 'to the smallest', scale: { zero: false } });
    panel.layer.push(...goalLine('y', 1.1));
    panels.push({ ...panel, height: 160 });
  }
  return { title, vconcat: panels, resolve: { scale: { x: 'shared' } } };
}

function goalLine(along, goal) {
  return [
    {
      data: { values: [{ goal }] },
      mark: { type: 'rule', color: GOAL_COLOUR, strokeDash: [5, 3], strokeWidth: 1.5 },
      encoding: { [along]: { field: 'goal', type: 'quantitative' } },
    },
  ];
}

/** Each goal on a scale of its own: its figure, and the line that it must not be on the wrong side of. */
function goals(results) {
  const rows = GOALS.flatMap((goal) => {
    const result = results.get(goal.bench);
    const measured = result && (goal.of?.(result) ?? true) ? rowsOf(result, goal.key) : [];
    if (measured.length === 0) {
      console.log(`goals.svg: without "${goal.what}", for which ${missing(results, goal)}.`);
    }
    return measured.map((row) => ({ ...row, ...goal }));
  });
  const measured = rows.map((row) => results.get(row.bench));
  return rows.length === 0
    ? null
    : { title: heading('Figures and goals (dashed)', measured), vconcat: rows.map(goalRow), spacing: 14 };
}

function goalRow({ what, least, most, median, min, max }) {
  const goal = least ?? most;
  const met = least === undefined ? median <= most : median >= least;
  const bound = `${least === undefined ? 'at most' : 'at least'} ${number(goal)}`;
  return {
    data: { values: [{ median, min, max }] },
    width: WIDTH,
    height: 22,
    title: { text: `${what}: ${number(median)}; the goal, ${bound}, is ${met ? '' : 'not '}reached`, anchor: 'start', fontSize: 12, fontWeight: 'normal', offset: 4 },
    layer: [
      whiskers({}, 'x'),
      {
        mark: { type: 'point', filled: true, size: 70, color: COLOURS[0] },
        encoding: { x: { field: 'median', type: 'quantitative', title: null, axis: { tickCount: 6 } } },
      },
      ...goalLine('x', goal),
    ],
  };
}

function missing(results, { bench, key, of }) {
  const result = results.get(bench);
  if (result && of && !of(result)) {
    return `${bench}.json was measured with less`;
  }
  return result ? `${bench}.json has no figure like ${key.source}` : `there is no ${bench}.json`;
}

/** What it was measured on stands below the title: a figure says nothing without. */
function heading(title, measured) {
  const machines = new Set(measured.map((result) => `${result.cores} cores, ${result.processor}`));
  return {
    text: title,
    subtitle: [...machines, 'median, least and greatest of the runs'].join('; '),
    anchor: 'start',
    fontSize: 14,
    subtitleColor: '#555555',
  };
}

async function svg(spec) {
  const full = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    padding: 12,
    ...spec,
    config: { font: 'Helvetica, Arial, sans-serif', view: { stroke: null }, axis: { labelLimit: 320 } },
  };
  vega.resetSVGDefIds();
  return new vega.View(vega.parse(compile(full).spec), { renderer: 'none' }).toSVG();
}

const results = read(from);
for (const picture of PICTURES) {
  let spec;
  if (picture.bench) {
    const result = results.get(picture.bench);
    const rows = result ? rowsOf(result, picture.key) : [];
    spec = rows.length === 0 ? null : picture.draw(rows, heading(picture.title, [result]));
  } else {
    spec = picture.draw(results);
  }
  if (spec === null) {
    console.log(`${picture.file}: left out, ${picture.bench ? missing(results, picture) : 'no goal was measured'}.`);
    continue;
  }
  writeFileSync(join(to, picture.file), `${await svg(spec)}\n`);
  console.log(`${picture.file}: drawn.`);
}
