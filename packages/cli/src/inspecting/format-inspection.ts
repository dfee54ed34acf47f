import { printableStart } from '../terminal/printable.ts';
import { count, groupDigits } from '../terminal/progress.ts';
import type { ContextFigures } from './context-columns.ts';
import type { Inspection } from './inspection.ts';
import type { ColumnFigures } from './item-columns.ts';

const BAR = 30;
/** Most characters of a column's name. */
const NAME = 40;
const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
const date = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
const BLOCKS = '▁▂▃▄▅▆▇█';

/** An inspection for a terminal. */
export function formatInspection(found: Inspection): string {
  const { lengths, concentration, repeats, time, lifetime, heldOut, order } = found;
  const splits = Object.entries(found.splits).map(
    ([name, { sessions, events }]) => `${name} ${count(sessions, 'session')} of ${count(events, 'event')}`,
  );
  const most = Math.max(...lengths.groups.map((group) => group.count));
  const bars = lengths.groups.map(
    (group) =>
      `  ${group.label.padStart(6)}  ${'█'.repeat(Math.round((BAR * group.count) / most)).padEnd(BAR)} ${groupDigits(group.count)}`,
  );
  const { coldItems, columns = [], context = [] } = found;
  const cold = coldItems === 0 ? '' : ` (${groupDigits(coldItems)} of them without training clicks)`;
  return [
    `${found.data}: ${count(found.items, 'item')}${cold}, ${splits.join(', ')}`,
    '',
    'What to do',
    ...(found.advice.length === 0 ? ['  Nothing stands out'] : found.advice.map((line) => `  - ${line}`)),
    '',
    `Training sessions by length: median ${lengths.median}, mean ${lengths.mean.toFixed(1)}, longest ${groupDigits(lengths.longest)}`,
    ...bars,
    '',
    `Events over time, ${date(time.fromMs)} to ${date(time.toMs)} UTC`,
    `  ${sparkline(time.counts)}`,
    '',
    `Items: Gini ${concentration.gini.toFixed(2)}; top 1 % ${percent(concentration.top1)}, top 10 % ${percent(concentration.top10)} of the clicks; ${percent(concentration.rare)} with fewer than 5 clicks`,
    `  clicked for ${lifetime.medianDays.toFixed(1)} days (median); ${percent(lifetime.withinDay)} of the clicks within a day of the item's first`,
    `Repeats of an item of the session: ${percent(repeats.anyBefore)} of the clicks after the first; of the item just before: ${percent(repeats.justBefore)}`,
    ...(heldOut
      ? [
          `Of the ${heldOut.split} split: ${percent(heldOut.repeats.anyBefore)} repeats, ${heldOut.unseen === undefined ? '' : `${percent(heldOut.unseen)} of the clicks on items unseen in training (removed), `}${percent(heldOut.laterTraining)} of the training events later than half of it`,
          `  ${percent(heldOut.duplicates)} of its sessions of three distinct items or more have exactly the items of a training session`,
        ]
      : []),
    ...(columns.length === 0 ? [] : ['', ...columnsTable(columns)]),
    ...(context.length === 0 ? [] : ['', 'Columns of clicks', ...context.map(contextLine)]),
    ...(order
      ? [
          `Order, recall@20 of the log and with shuffled sessions: SR ${order.rules.log.toFixed(3)} and ${order.rules.shuffled.toFixed(3)}; GRU, one epoch, ${order.gru.log.toFixed(3)} and ${order.gru.shuffled.toFixed(3)}`,
          `  (trained on ${count(order.trainSessions, 'session')}, evaluated on ${groupDigits(order.testSessions)}, a random sample where there are more, seed 1)`,
        ]
      : []),
    '',
  ].join('\n');
}

/** The columns of the items file. */
function columnsTable(columns: readonly ColumnFigures[]): string[] {
  const head = ['', 'column', 'kind', 'values', 'features', 'items', 'clicks', 'shared', 'by chance'];
  const rows = columns.map(({ name, kind, distinct, features, ...shares }) => [
    ...['', printableStart(name, NAME), kind, groupDigits(distinct), groupDigits(features)],
    ...[shares.items, shares.clicks, shares.shared, shares.chance].map(percent),
  ]);
  const all = [head, ...rows];
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  const padded = (cell: string, at: number) =>
    at < 3 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0);
  return [
    'Columns of the items file: distinct values, features after rare values are folded, items and clicks with a value,',
    'and consecutive clicks on different items that share a value, in the log and by chance',
    ...all.map((row) => row.map(padded).join('  ').trimEnd()),
  ];
}

/** A context column: its values, and the shares of clicks that have one, and each of the most frequent. */
function contextLine({ name, distinct, clicks, values }: ContextFigures): string {
  const shares = values.map((one) => `${printableStart(one.value, NAME)} ${percent(one.clicks)}`);
  const more = distinct > values.length ? ', …' : '';
  return `  ${printableStart(name, NAME)}: ${count(distinct, 'value')}, on ${percent(clicks)} of the clicks: ${shares.join(', ')}${more}`;
}

function sparkline(counts: readonly number[]): string {
  const most = Math.max(...counts);
  return counts
    .map((value) => (value === 0 ? ' ' : BLOCKS[Math.min(7, Math.floor((8 * value) / most))]))
    .join('');
}
