import { resolve } from 'node:path';
import type { DatasetManifest, SessionDataset } from '@gru4rec/dataset';
import type { ItemColumnNames, ItemInfoTable } from '@gru4rec/dataset/items';
import { replaceFile } from '@gru4rec/durable-files';
import { plainLines } from '@gru4rec/report/table';
import { readDataset, readItemInfoOfData } from '../arguments/read-inputs.ts';
import { printable, printableStart } from '../terminal/printable.ts';
import { count, describeDataset, groupDigits } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';
import {
  type ColumnFigures,
  type ContextFigures,
  columnAdvice,
  describeColumns,
  describeContext,
  describeItems,
  infosOf,
} from './columns.ts';
import {
  concentration,
  duplicates,
  eventsOverTime,
  laterTraining,
  lifetimes,
  repeats,
  sessionLengths,
} from './figures.ts';

/** `folder` as the user wrote it; `page` is a file to write, whose place was checked. */
export async function inspectDataset(
  folder: string,
  json: boolean,
  page: string | undefined,
  { directory, stdout }: Terminal,
): Promise<void> {
  const path = resolve(directory, folder);
  const data = await readDataset(path);
  const itemInfo = await readItemInfoOfData(path, data);
  const figures = figuresOf(data, printable(folder), itemInfo);
  const { itemColumns } = (data.manifest.preparation ?? {}) as { itemColumns?: ItemColumnNames };
  const [itemsFile, ...lacks] = itemInfo
    ? await describeItems(infosOf(itemInfo, data.itemIds.length), itemColumns)
    : [];
  const inspection = { ...figures, itemsFile, advice: [...lacks, ...adviceOn(figures)] };
  if (page !== undefined) {
    // Loaded only here, because the library of its charts takes a second to load.
    const { inspectionHtml } = await import('@gru4rec/report/pages');
    await replaceFile(page, [Buffer.from(inspectionHtml(inspection))]);
  }
  if (json) stdout.writeJson(inspection);
  else stdout.write(formatInspection(inspection));
}

function figuresOf(
  data: SessionDataset,
  name: string,
  itemInfo: ItemInfoTable | undefined,
): InspectedFigures {
  const { train, manifest, itemIds, support } = data;
  if (train.items.length === 0) throw new Error(`${name} expected training sessions, got none`);
  const split = data.test ? 'test' : 'validation';
  const held = data.test ?? data.validation;
  const clicked = support.filter((clicks) => clicks > 0);
  const type = data.contextColumns?.findIndex(({ isType }) => isType);
  return {
    format: 'gru4rec-inspection',
    version: 1,
    data: name,
    items: itemIds.length,
    coldItems: support.length - clicked.length,
    splits: manifest.counts.splits,
    lengths: sessionLengths(train),
    concentration: concentration(clicked),
    repeats: repeats(train, type),
    time: eventsOverTime(train),
    lifetime: lifetimes(train, itemIds.length),
    heldOut: held && {
      split,
      unseen: unseenShare(manifest, split),
      duplicates: duplicates(train, held),
      laterTraining: laterTraining(train, held),
      repeats: repeats(held, type),
    },
    columns: itemInfo && describeColumns(itemInfo, support, train),
    context: data.contextColumns && describeContext(data.contextColumns, train),
  };
}

function unseenShare({ preparation }: DatasetManifest, split: string): number | undefined {
  const { funnel } = (preparation ?? {}) as { funnel?: unknown };
  if (!Array.isArray(funnel)) return undefined;
  const row = funnel.find(
    (step) => step?.split === split && String(step?.step).startsWith('items unknown to training'),
  );
  const { events, removedEvents } = (row ?? {}) as { events?: unknown; removedEvents?: unknown };
  if (typeof events !== 'number' || typeof removedEvents !== 'number') return undefined;
  return removedEvents / (events + removedEvents) || 0;
}

/** The JSON of `inspect`, of the training split unless another is named. Shares are between 0 and 1. */
export interface InspectedFigures {
  readonly format: 'gru4rec-inspection';
  readonly version: 1;
  readonly data: string;
  readonly items: number;
  /** Items without training clicks, which the other figures leave out. */
  readonly coldItems: number;
  readonly splits: Readonly<Record<string, { readonly sessions: number; readonly events: number }>>;
  readonly lengths: ReturnType<typeof sessionLengths>;
  readonly concentration: ReturnType<typeof concentration>;
  readonly repeats: ReturnType<typeof repeats>;
  readonly time: ReturnType<typeof eventsOverTime>;
  readonly lifetime: ReturnType<typeof lifetimes>;
  /** Figures of the test split, or else of the validation split; absent without either. */
  readonly heldOut?:
    | {
        readonly split: 'test' | 'validation';
        /** Share of its clicks on items unseen in training, which `prepare` removed. */
        readonly unseen?: number | undefined;
        /** Share of its sessions of three items or more with exactly the items of a training session. */
        readonly duplicates: number;
        readonly laterTraining: number;
        readonly repeats: ReturnType<typeof repeats>;
      }
    | undefined;
  readonly columns?: readonly ColumnFigures[] | undefined;
  readonly context?: readonly ContextFigures[] | undefined;
}

type Inspection = InspectedFigures & {
  readonly itemsFile?: string | undefined;
  readonly advice: readonly string[];
};

const rounded = (value: number) => `${(100 * value).toFixed(value < 0.1 ? 1 : 0)} %`;

/** In a shorter log, most clicks are near the first of their item. */
const LONG_MS = 7 * 86_400_000;

export function adviceOn(figures: InspectedFigures): string[] {
  const { repeats, heldOut, concentration, lifetime, lengths, time, columns } = figures;
  const again = heldOut?.repeats.anyBefore ?? repeats.anyBefore;
  const of = heldOut ? `${heldOut.split} clicks` : 'clicks';
  const { unseen = 0, duplicates: copies = 0, laterTraining: later = 0 } = heldOut ?? {};
  return [
    when(
      again >= 0.05,
      `${rounded(again)} of the ${of} repeat an item of the session: train with a preset, which fits its part repeats to them`,
    ),
    when(
      repeats.reloads >= 0.05,
      `${rounded(repeats.reloads)} of the clicks repeat the click just before, such as reloads: prepare with --collapse-repeats unless they mean something, such as a cart after a view`,
    ),
    columnAdvice(columns),
    when(
      unseen >= 0.05,
      `${rounded(unseen)} of the ${of} are on items unseen in training, which no model by ids can recommend: train more often, or hold out a shorter time`,
    ),
    when(
      copies >= 0.05,
      `${rounded(copies)} of the ${heldOut?.split} sessions of three distinct items or more have exactly the items of a training session: look for bots, reloads or a session in both splits`,
    ),
    when(
      later > 0.01,
      `${rounded(later)} of the training events are later than half of the ${heldOut?.split} events: the split leaks the future. Split by time (--test 1d, --test 10%)`,
    ),
    when(
      lifetime.withinDay >= 0.5 && time.toMs - time.fromMs >= LONG_MS,
      `${rounded(lifetime.withinDay)} of the clicks come within a day of the item's first: train daily (--continue), and compare with r-pop`,
    ),
    when(
      concentration.top1 >= 0.5,
      `The top 1 % of the items have ${rounded(concentration.top1)} of the clicks: compare with pop, and report metrics by popularity`,
    ),
    when(
      concentration.rare >= 0.5,
      `${rounded(concentration.rare)} of the items have fewer than 5 clicks: prepare with --min-item-support 5`,
    ),
    when(
      lengths.longest > 50 * lengths.mean,
      `The longest session has ${lengths.longest} clicks, ${Math.round(lengths.longest / lengths.mean)} times the mean: remove bots with --session-length 2..${Math.round(20 * lengths.mean)}`,
    ),
  ].flat();
}

const when = (applies: boolean, line: string): string[] => (applies ? [line] : []);

const BAR = 30;
const NAME = 40;
const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
const date = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
const BLOCKS = '▁▂▃▄▅▆▇█';

function formatInspection(inspection: Inspection): string {
  const { lengths, concentration, repeats, time, lifetime, heldOut } = inspection;
  const most = Math.max(...lengths.groups.map((group) => group.count));
  const bars = lengths.groups.map(
    (group) =>
      `  ${group.label.padStart(6)}  ${'█'.repeat(Math.round((BAR * group.count) / most)).padEnd(BAR)} ${groupDigits(group.count)}`,
  );
  const { itemsFile, columns = [], context = [] } = inspection;
  return [
    describeDataset(inspection.data, inspection, inspection.splits),
    '',
    'What to do',
    ...(inspection.advice.length === 0
      ? ['  Nothing stands out']
      : inspection.advice.map((line) => `  - ${line}`)),
    '',
    `Training sessions by length: median ${lengths.median}, mean ${lengths.mean.toFixed(1)}, longest ${groupDigits(lengths.longest)}`,
    ...bars,
    '',
    `Events over time, ${date(time.fromMs)} to ${date(time.toMs)} UTC`,
    `  ${sparkline(time.counts)}`,
    '',
    `Items: top 1 % ${percent(concentration.top1)}, top 10 % ${percent(concentration.top10)} of the clicks; ${percent(concentration.rare)} with fewer than 5 clicks`,
    `  clicked for ${lifetime.medianDays.toFixed(1)} days (median); ${percent(lifetime.withinDay)} of the clicks within a day of the item's first`,
    `Repeats of an item of the session: ${percent(repeats.anyBefore)} of the clicks after the first; of the item just before: ${percent(repeats.justBefore)}`,
    ...(heldOut
      ? [
          `Of the ${heldOut.split} split: ${percent(heldOut.repeats.anyBefore)} repeats, ${heldOut.unseen === undefined ? '' : `${percent(heldOut.unseen)} of the clicks on items unseen in training (removed), `}${percent(heldOut.laterTraining)} of the training events later than half of it`,
          `  ${percent(heldOut.duplicates)} of its sessions of three distinct items or more have exactly the items of a training session`,
        ]
      : []),
    ...(itemsFile === undefined ? [] : ['', itemsFile]),
    ...(columns.length === 0 ? [] : ['', ...columnsTable(columns)]),
    ...(context.length === 0 ? [] : ['', 'Columns of clicks', ...context.map(contextLine)]),
    '',
  ].join('\n');
}

function columnsTable(columns: readonly ColumnFigures[]): string[] {
  const head = ['', 'column', 'kind', 'values', 'features', 'items', 'clicks', 'shared', 'by chance'];
  const rows = columns.map(({ name, kind, distinct, features, ...shares }) => [
    ...['', printableStart(name, NAME), kind, groupDigits(distinct), groupDigits(features)],
    ...[shares.items, shares.clicks, shares.shared, shares.chance].map(percent),
  ]);
  const aligned = head.map((name, at) => ({
    head: name,
    align: at < 3 ? ('left' as const) : ('right' as const),
  }));
  return [
    'Columns of the items file: distinct values, features after rare values are folded, items and clicks with a value,',
    'and consecutive clicks on different items that share a value, in the log and by chance',
    plainLines({ columns: aligned, rows }),
  ];
}

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
