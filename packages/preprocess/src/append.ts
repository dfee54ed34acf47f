import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import {
  type DatasetManifest,
  extendDatasetFiles,
  lastSessionStart,
  readItemChunks,
  readManifest,
  readSessionChunks,
  replaceDataset,
  type SplitName,
} from '@gru4rec/sessions';
import { failureOf } from './backends/duckdb/failure.ts';
import { BAD_ROWS_FILE } from './bad-rows.ts';
import { type Made, madeOf, optionsFor } from './made-dataset.ts';
import type { AppendOptions, PrepareOptions } from './options.ts';
import { type PrepareReport, prepareFiles } from './prepare.ts';
import { StageRunner } from './run-stages.ts';

/** What became of the new events, and of the dataset. */
export interface AppendReport extends PrepareReport {
  /** What is new in the training split. */
  readonly added: { readonly sessions: number; readonly events: number; readonly items: number };
  /** The splits that are left as they were. */
  readonly heldOut: readonly HeldOutSplit[];
}

/** A split that is left as it was. */
export interface HeldOutSplit {
  readonly name: SplitName;
  /** Whether some of its events are older than the first of the new sessions. */
  readonly isOlder: boolean;
}

/**
 * Adds the sessions of new events to the training sessions of a dataset, and new items behind its items. The new
 * events are cut and filtered by themselves, with the options that the dataset was made with; splits held out stay.
 *
 * @throws TypeError or RangeError at wrong options, DataError at bad input, at a dataset that `prepare` has not made,
 *   and, without `lateSessions`, if a new session starts before the last one of the dataset (of a test split that was
 *   given, none counts): then the dataset is as it was, and nothing of it was rewritten.
 */
export async function append(options: AppendOptions): Promise<AppendReport> {
  const { output } = options;
  const manifest = await readManifest(output);
  const made = madeOf(manifest, output);
  const checked = optionsFor(made, options);
  const held = await heldOutTimes(output, manifest);
  const before = await lastStart(output, manifest, held, made);
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
          ...(Number.isFinite(before) && { lateSessions: { before, policy: options.lateSessions } }),
          ...(checked.minItemSupport > 1 && { knownItems: () => itemIdsOf(output, manifest) }),
        },
      );
      return extend({ options, manifest, made, held, day, report, folder });
    });
  } catch (error) {
    throw failureOf(error, dirname(resolve(output)));
  }
}

interface Extending {
  readonly options: AppendOptions;
  readonly manifest: DatasetManifest;
  readonly made: Made;
  readonly held: readonly HeldOutTimes[];
  /** The folder of the new events' own dataset. */
  readonly day: string;
  /** How that was made. */
  readonly report: PrepareReport;
  readonly folder: string;
}

async function extend({
  options,
  manifest,
  made,
  held,
  day,
  report,
  folder,
}: Extending): Promise<AppendReport> {
  const { output, onProgress } = options;
  const runner = new StageRunner(half(1, onProgress));
  runner.insert([{ stage: 'write', steps: [{ name: 'train', share: 1 }] }]);
  runner.next();
  const train = report.manifest.counts.splits.train ?? { sessions: 0, events: 0 };
  const total = train.events + (manifest.counts.splits.train?.events ?? 0);
  const extended = await extendDatasetFiles(folder, {
    base: output,
    more: day,
    preparation: historyOf(made, manifest, report, options.lateSessions),
    onEvents: (events) => runner.report('train', events / total),
  });
  await keepBadRows([output, day], folder);
  const firstStart = await firstSessionStart(day, report.manifest);
  const heldOut = held.map(({ name, earliest }) => ({ name, isOlder: earliest < firstStart }));
  const items = extended.counts.items - manifest.counts.items;
  return { ...report, manifest: extended, added: { ...train, items }, heldOut };
}

/** Takes a progress for the first (0) or the second (1) half of the whole. */
function half(number: 0 | 1, onProgress: PrepareOptions['onProgress']): PrepareOptions['onProgress'] {
  return onProgress && ((progress) => onProgress({ ...progress, total: (number + progress.total) / 2 }));
}

/** What the manifest remembers: how the dataset was made, and each file that was added since. */
function historyOf(
  made: Made,
  manifest: DatasetManifest,
  { manifest: day, ...report }: PrepareReport,
  lateSessions: AppendOptions['lateSessions'],
): unknown {
  const { options: own, inputs } = day.preparation as { options: object; inputs: unknown };
  const options = { ...own, ...(lateSessions && { lateSessions }) };
  const { timeUnit, badRows, funnel } = report;
  const counts = { items: day.counts.items, ...day.counts.splits.train };
  const entry = { options, inputs, timeUnit, badRows, funnel, counts, checksumBefore: manifest.checksum };
  return { ...made.preparation, appended: [...(made.preparation.appended ?? []), entry] };
}

async function* itemIdsOf(directory: string, manifest: DatasetManifest): AsyncGenerator<readonly string[]> {
  for await (const { itemIds } of readItemChunks(directory, manifest)) yield itemIds.slice();
}

interface HeldOutTimes {
  readonly name: SplitName;
  /** Of its events. */
  readonly earliest: number;
  /** When the last of its sessions starts. */
  readonly lastStart: number;
}

async function heldOutTimes(directory: string, manifest: DatasetManifest): Promise<HeldOutTimes[]> {
  const found: HeldOutTimes[] = [];
  for (const name of ['validation', 'test'] as const) {
    if (manifest.counts.splits[name] === undefined) continue;
    let [earliest, lastStart] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for await (const { sessionOffsets, times } of readSessionChunks(directory, manifest, name)) {
      for (const start of sessionOffsets.subarray(0, -1)) {
        // Within a session events are in order of time.
        const time = Number(times[start]);
        earliest = Math.min(earliest, time);
        lastStart = Math.max(lastStart, time);
      }
    }
    found.push({ name, earliest, lastStart });
  }
  return found;
}

/** When the last session of the dataset starts, be that trained on or cut off its end. */
async function lastStart(
  directory: string,
  manifest: DatasetManifest,
  held: readonly HeldOutTimes[],
  { cutOff }: Made,
): Promise<number> {
  const ofHeld = held.filter(({ name }) => cutOff.includes(name)).map((times) => times.lastStart);
  return Math.max(await lastSessionStart(directory, manifest, 'train'), ...ofHeld);
}

async function firstSessionStart(directory: string, manifest: DatasetManifest): Promise<number> {
  for await (const { times } of readSessionChunks(directory, manifest, 'train')) return Number(times[0]);
  return Number.POSITIVE_INFINITY;
}

/** One list of bad rows from those of the dataset and of the new files. */
async function keepBadRows(from: readonly string[], folder: string): Promise<void> {
  const lists: string[] = [];
  for (const directory of from) {
    const path = join(directory, BAD_ROWS_FILE);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile()) lists.push(await readFile(path, 'utf8'));
  }
  if (lists.length === 0) return;
  const [first = '', ...others] = lists;
  const rows = others.map((list) => list.slice(list.indexOf('\n') + 1));
  await writeFile(join(folder, BAD_ROWS_FILE), [first, ...rows].join(''));
}
