import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { show } from '@gru4rec/checks';
import { checkJson, type JsonFlaw } from '@gru4rec/checks/json';
import {
  DataError,
  type DatasetManifest,
  type DatasetSource,
  extendDatasetFiles,
  readItemChunks,
  readItemInfo,
  readManifest,
  readSessionChunks,
  replaceDataset,
  type SplitName,
  sessionEnds,
  sessionStarts,
} from '@gru4rec/dataset';
import type { ItemIdTable } from '@gru4rec/dataset/ids';
import { ITEM_INFO_FILE, itemInfoLines, itemRowsOf, type LineCounts } from '@gru4rec/dataset/items';
import { z } from 'zod';
import { failureOf } from './backends/duckdb/duckdb.ts';
import { BAD_ROWS_FILE, BadRowList, tsvField } from './bad-rows.ts';
import { expectNewDays, loggedSchema } from './input/event-log.ts';
import { piecesOf, readCatalogue, rowsOfItems } from './items-file.ts';
import {
  type AppendOptions,
  type CheckedOptions,
  checkAppend,
  checkPrepare,
  type PrepareOptions,
  prepareChecks,
} from './options.ts';
import { listInputs, type PrepareReport, prepareFiles } from './prepare.ts';
import { ProgressReporter } from './progress.ts';
import { cutSplits, type SplitOptions, splitChecks, splitRule } from './split-options.ts';

/** The report of the new events, and the changes of the dataset. */
export interface AppendReport extends PrepareReport {
  /** To the training split. */
  readonly added: { readonly sessions: number; readonly events: number; readonly items: number };
  /** The validation and test splits, which are unchanged without `keepMs`. */
  readonly heldOut: readonly HeldOutSplit[];
  /** With `keepMs`: sessions that each split of the dataset lost. */
  readonly removed?: Readonly<Partial<Record<SplitName, number>>> | undefined;
}

/** A validation or test split. */
export interface HeldOutSplit {
  readonly name: SplitName;
  /** Whether it has events that are older than the first new session. */
  readonly isOlder: boolean;
}

/**
 * Adds the sessions of new events to the training sessions of a dataset, and new items behind its items, with the dataset's
 * options. With `keepMs`, old sessions leave every split, and so does a split without any.
 * @throws TypeError or RangeError if options are wrong; NoSessionError if no session is left to add; DataError at bad input,
 * and, without `lateSessions`, if a session starts before the dataset's last one. The dataset stays unchanged.
 */
export async function append(asked: AppendOptions): Promise<AppendReport> {
  checkAppend(asked);
  const { output } = asked;
  const manifest = await readManifest(output);
  const made = madeOf(manifest, output);
  const options = { ...asked, onBadRow: asked.onBadRow ?? made.options.onBadRow };
  const badItems = new BadRowList();
  const catalogue = await readCatalogue(options, badItems);
  const inputs = await listInputs(options.inputs);
  await expectNewDays(inputs, made.preparation);
  const checked = optionsFor(made, { ...options, inputs });
  const starts = await startsOf(output, manifest);
  const inOrder = starts.filter(({ name }) => name === 'train' || made.cutOff.includes(name));
  const before = Math.max(...inOrder.map(({ last }) => last));
  const ends = options.keepMs === undefined ? undefined : await endsOf(output, manifest);
  try {
    return await replaceDataset(output, { overwrite: true }, async (folder, scratch) => {
      const [day, work] = [join(scratch, 'day'), join(scratch, 'work')];
      await mkdir(day);
      await mkdir(work);
      const report = await prepareFiles(
        { ...checked, onProgress: half(0, options.onProgress) },
        {
          folder: day,
          scratch: work,
          badItems,
          sessionEnds: ends,
          lateSessions: Number.isFinite(before) ? { before, policy: options.lateSessions } : undefined,
          knownItems: checked.minItemSupport > 1 ? () => itemIdsOf(output, manifest) : undefined,
        },
      );
      return extend({ options, catalogue, manifest, made, starts, day, report, folder });
    });
  } catch (error) {
    throw options.signal?.aborted ? options.signal.reason : failureOf(error, dirname(resolve(output)));
  }
}

interface Extending {
  readonly options: AppendOptions;
  readonly catalogue: ItemIdTable | undefined;
  readonly manifest: DatasetManifest;
  readonly made: Made;
  readonly starts: readonly SplitStarts[];
  /** A dataset of only the new events. */
  readonly day: string;
  readonly report: PrepareReport;
  readonly folder: string;
}

async function extend(work: Extending): Promise<AppendReport> {
  const { options, catalogue, manifest, made, starts, day, report, folder } = work;
  const { output, items: itemsFile, signal } = options;
  const onProgress = half(1, options.onProgress);
  const progress = new ProgressReporter({ onProgress, signal }, { stage: 'write', cost: 1 });
  progress.report('train', 0);
  const train = report.manifest.counts.splits.train ?? { sessions: 0, events: 0 };
  const total = train.events + (manifest.counts.splits.train?.events ?? 0);
  const { keptFrom } = report;
  let itemInfo: LineCounts | undefined;
  const extended = await extendDatasetFiles(folder, {
    base: output,
    more: day,
    isKept: keptFrom !== undefined ? (_, end) => end >= keptFrom : undefined,
    preparation: historyOf(made, manifest, report, options),
    catalogue: catalogue && piecesOf(catalogue),
    onEvents: (events) => progress.report('train', events / total),
    itemInfo: await itemInfoOf(options, manifest, (counts) => {
      itemInfo = counts;
    }),
  });
  await keepBadRows([output, day], folder, itemsFile);
  const added = await sessionStarts(day, report.manifest, 'train');
  const left = keptFrom === undefined ? starts : await startsOf(folder, extended);
  const heldOut = left
    .filter(({ name }) => name !== 'train')
    .map(({ name, first }) => ({ name, isOlder: first < added.first }));
  const items = extended.counts.items - manifest.counts.items;
  return {
    ...report,
    manifest: extended,
    added: { ...train, items },
    heldOut,
    removed: keptFrom !== undefined ? removedSessions(manifest, extended, train.sessions) : undefined,
    itemInfo,
    coldItems: await countCold(folder, extended),
  };
}

async function countCold(folder: string, manifest: DatasetManifest): Promise<number> {
  let cold = 0;
  for await (const { support } of readItemChunks(folder, manifest)) {
    for (const events of support) if (events === 0) cold++;
  }
  return cold;
}

function removedSessions(
  before: DatasetManifest,
  after: DatasetManifest,
  added: number,
): AppendReport['removed'] {
  const names = Object.keys(before.counts.splits) as SplitName[];
  const counts = names.map((name) => {
    const left = (after.counts.splits[name]?.sessions ?? 0) - (name === 'train' ? added : 0);
    return [name, (before.counts.splits[name]?.sessions ?? 0) - left];
  });
  return Object.fromEntries(counts);
}

async function itemInfoOf(
  options: AppendOptions,
  manifest: DatasetManifest,
  onEnd: (counts: LineCounts) => void,
): Promise<DatasetSource['itemInfo']> {
  const { items, output } = options;
  if (items === undefined) return undefined;
  const kept = (await readItemInfo(output, manifest)) ?? new Uint8Array(0);
  const sources = [rowsOfItems(options), itemRowsOf(kept, join(output, ITEM_INFO_FILE))];
  return (itemIds) => itemInfoLines(sources, itemIds, onEnd);
}

/** To the first (0) or second (1) half of the total. */
function half(number: 0 | 1, onProgress: PrepareOptions['onProgress']): PrepareOptions['onProgress'] {
  return onProgress && ((progress) => onProgress({ ...progress, total: (number + progress.total) / 2 }));
}

function historyOf(
  made: Made,
  manifest: DatasetManifest,
  { manifest: day, ...report }: PrepareReport,
  { lateSessions, items, itemColumns }: AppendOptions,
): unknown {
  const {
    options: dayOptions,
    inputs,
    logThrough,
  } = day.preparation as Made['preparation'] & { options: object };
  const options = { ...dayOptions, lateSessions };
  const { timeUnit, badRows, funnel, keptFrom } = report;
  const counts = { items: day.counts.items, ...day.counts.splits.train };
  const facts = { timeUnit, badRows, funnel, keptFrom };
  const entry = { options, inputs, ...facts, counts, checksumBefore: manifest.checksum };
  const { appended = [], logThrough: before = '' } = made.preparation;
  const through = [before, logThrough ?? ''].sort().at(-1) || undefined;
  const columns = items && { itemColumns };
  return { ...made.preparation, ...columns, logThrough: through, appended: [...appended, entry] };
}

async function* itemIdsOf(directory: string, manifest: DatasetManifest): AsyncGenerator<readonly string[]> {
  for await (const { itemIds } of readItemChunks(directory, manifest)) yield itemIds.slice();
}

interface SplitStarts {
  readonly name: SplitName;
  readonly first: number;
  readonly last: number;
}

function startsOf(directory: string, manifest: DatasetManifest): Promise<SplitStarts[]> {
  const names = Object.keys(manifest.counts.splits) as SplitName[];
  return Promise.all(
    names.map(async (name) => ({ name, ...(await sessionStarts(directory, manifest, name)) })),
  );
}

async function endsOf(directory: string, manifest: DatasetManifest): Promise<Float64Array> {
  const { splits } = manifest.counts;
  const ends = new Float64Array(Object.values(splits).reduce((sum, { sessions }) => sum + sessions, 0));
  let at = 0;
  for (const name of Object.keys(splits) as SplitName[]) {
    for await (const chunk of readSessionChunks(directory, manifest, name)) {
      for (const end of sessionEnds(chunk)) ends[at++] = end;
    }
  }
  return ends.sort();
}

/** Without earlier rows of the items file, which was read again. */
async function keepBadRows(from: readonly string[], folder: string, items: string = ''): Promise<void> {
  const lists: string[] = [];
  for (const directory of from) {
    const path = join(directory, BAD_ROWS_FILE);
    const stats = await stat(path).catch(() => undefined);
    if (stats?.isFile()) lists.push(await readFile(path, 'utf8'));
  }
  if (lists.length === 0) return;
  const [first = '', ...others] = lists;
  const rows = others.map((list) => list.slice(list.indexOf('\n') + 1));
  const earlier = first
    .split('\n')
    .filter((line) => items === '' || !line.startsWith(`${tsvField(items)}\t`));
  await writeFile(join(folder, BAD_ROWS_FILE), [earlier.join('\n'), ...rows].join(''));
}

interface Made {
  readonly preparation: Readonly<Record<string, unknown>> & {
    readonly appended?: readonly unknown[];
    readonly logThrough?: string | undefined;
  };
  readonly options: Partial<PrepareOptions>;
  readonly cutOff: readonly SplitName[];
  readonly directory: string;
}

/** In the order of the manifest. New events use those of the dataset. */
const shaping = [
  ...(['sessionColumn', 'itemColumn', 'timeColumn', 'userColumn', 'sessionGapMs', 'eventColumn'] as const),
  ...(['eventTypes', 'eventsField', 'timeUnit', 'onBadRow', 'minSessionLength', 'maxSessionLength'] as const),
  ...(['minItemSupport', 'collapseRepeats', 'contextColumns'] as const),
];

const preparationSchema = z.intersection(
  z.looseObject({ options: z.record(z.string(), z.unknown()), logThrough: z.string().optional() }),
  loggedSchema,
);

function madeOf({ preparation }: DatasetManifest, directory: string): Made {
  const recorded = checkJson(preparationSchema, preparation, (flaw) => notMade(directory, flaw)).options;
  const named = (names: readonly (keyof PrepareOptions)[]) =>
    Object.fromEntries(
      names.filter((name) => recorded[name] !== undefined).map((name) => [name, recorded[name]]),
    );
  const splits = named(Object.keys(splitChecks) as (keyof SplitOptions)[]);
  const options = named(shaping);
  for (const [name, value] of Object.entries({ ...options, ...splits })) {
    const { expected, fits } = prepareChecks[name as keyof PrepareOptions];
    if (!fits(value)) throw notMade(directory, { path: `options.${name}`, expected, got: show(value) });
  }
  const cutOff = cutSplits.filter((split) => splitRule(splits, split) !== undefined);
  return { preparation: preparation as Made['preparation'], options, cutOff, directory };
}

function optionsFor({ options, directory }: Made, asked: AppendOptions): CheckedOptions {
  const { onBadRow, items: _items, itemColumns: _columns, lateSessions: _late, ...run } = asked;
  checkPrepare({ ...run, onBadRow });
  // The manifest always has a session column and a gap, even if only one of them was used.
  const { sessionColumn, sessionGapMs, ...others } = options;
  const columns = options.userColumn === undefined ? { sessionColumn } : { sessionGapMs };
  try {
    return checkPrepare({ ...run, ...others, ...columns, onBadRow: onBadRow ?? options.onBadRow });
  } catch (cause) {
    const flaw = { path: 'options', expected: 'the options of prepare', got: (cause as Error).message };
    throw notMade(directory, flaw, cause);
  }
}

function notMade(directory: string, { path, expected, got }: JsonFlaw, cause?: unknown): DataError {
  const file = join(directory, 'dataset.json');
  const place = path === '' ? 'preparation' : `preparation.${path}`;
  const message = `append: "${place}" expected ${expected}, got ${got}, at ${file}. Prepare the dataset again from all files.`;
  return new DataError(message, { file, cause });
}
