import { count, groupDigits } from '../terminal/progress.ts';
import type { Inspection } from './inspection.ts';

const BAR = 30;
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
  return [
    `${found.data}: ${count(found.items, 'item')}, ${splits.join(', ')}`,
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
    ...(order
      ? [
          `Order, recall@20 of the log and with shuffled sessions: SR ${order.rules.log.toFixed(3)} and ${order.rules.shuffled.toFixed(3)}; GRU, one epoch, ${order.gru.log.toFixed(3)} and ${order.gru.shuffled.toFixed(3)}`,
          `  (trained on ${count(order.trainSessions, 'session')}, evaluated on ${groupDigits(order.testSessions)}, a random sample where there are more, seed 1)`,
        ]
      : []),
    '',
  ].join('\n');
}

function sparkline(counts: readonly number[]): string {
  const most = Math.max(...counts);
  return counts
    .map((value) => (value === 0 ? ' ' : BLOCKS[Math.min(7, Math.floor((8 * value) / most))]))
    .join('');
}
