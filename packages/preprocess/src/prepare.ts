import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { optionError } from '@gru4rec/checks';
import {
  DataError,
  type DatasetManifest,
  replaceDataset,
  type SourceChunk,
  type SplitName,
  writeDatasetFiles,
} from '@gru4rec/dataset';
import type { ItemIdTable } from '@gru4rec/dataset/ids';
import { itemInfoLines, type LineCounts } from '@gru4rec/dataset/items';
import type { Backend, LoadedFile } from './backends/backend.ts';
import { failureOf } from './backends/duckdb/duckdb.ts';
import { DuckDbBackend } from './backends/duckdb/duckdb-backend.ts';
import { withSpark } from './backends/spark/spark-backend.ts';
import { BAD_ROWS_FILE, BadRowList, writeBadRows } from './bad-rows.ts';
import { splitNumbers } from './events/event-set.ts';
import { badInput } from './input/bad-input.ts';
import { contextOf } from './input/columns.ts';
import { columnsOfLog, daysOf, type LoggedFile } from './input/event-log.ts';
import { CatalogueItems, piecesOf, readCatalogue, rowsOfItems } from './items-file.ts';
import { type CheckedOptions, checkPrepare, type PrepareOptions, type TimeUnit } from './options.ts';
import { ProgressReporter, type Step } from './progress.ts';
import { type LogReader, logReader, NoSessionError } from './reading/read-log.ts';
import { cutSplits, heldOutSplits, splitRule } from './split-options.ts';
import {
  allFilters,
  countLate,
  cutOff,
  Funnel,
  type FunnelRow,
  type FunnelSplit,
  heldOutFilters,
  type LateSessions,
  splitWarnings,
} from './steps.ts';

/** Names that start with a dot or `_`, such as Spark's `_SUCCESS`, are not of events. */
const ofEvents = /^(?!gru4rec\.json$)[^._].*\.(csv|tsv|json|jsonl|ndjson|parquet|arrow)(\.gz)?$/i;

/** In order of name, without subfolders. Of a file and its gzip, only the file: the gzip may be half written. */
export async function listInputs(inputs: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(
    inputs.map(async (path) => ((await entryOf(path)).isDirectory() ? filesIn(path) : [path])),
  );
  const all = lists.flat();
  const paths = new Set(all);
  const files = all.filter((path) => !(path.endsWith('.gz') && paths.has(path.slice(0, -3))));
  for (const file of files) {
    if ((await entryOf(file)).isFile()) continue;
    throw badInput(file, 'a file', 'a device');
  }
  return files;
}

async function entryOf(path: string): Promise<Stats> {
  return stat(path).catch((cause: unknown) => {
    throw badInput(path, 'a file', 'nothing', { cause });
  });
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => !entry.isDirectory() && ofEvents.test(entry.name));
  if (names.length > 0) return names.map(({ name }) => join(folder, name)).sort();
  const formats = 'csv, tsv, jsonl, ndjson, json, parquet, arrow; maybe .gz';
  throw badInput(folder, `files of events in the folder (${formats})`, 'none');
}

/**
 * Makes a session dataset from raw events.
 * @throws TypeError or RangeError if options are wrong, DataError at bad input, the reason of `signal`. No files are left then.
 */
export async function prepare(options: PrepareOptions): Promise<PrepareReport> {
  const checked = checkPrepare(options);
  const { output, overwrite = false } = options;
  try {
    return await replaceDataset(output, { overwrite }, (folder, scratch) =>
      prepareFiles(checked, { folder, scratch }),
    );
  } catch (error) {
    throw options.signal?.aborted ? options.signal.reason : failureOf(error, dirname(resolve(output)));
  }
}

export async function prepareFiles(asked: CheckedOptions, workplace: Workplace): Promise<PrepareReport> {
  const options = await listFiles(asked);
  const { spark } = options;
  const run = (db: Backend) => prepareLog(db, options, workplace);
  if (spark !== undefined) return withSpark({ ...options, spark }, workplace.scratch, run);
  const db = await DuckDbBackend.open(options, workplace.scratch);
  return run(db).finally(() => db.close());
}

type ListedOptions = CheckedOptions & {
  /** For an event log of `serve`. */
  readonly days?: ReadonlyMap<string, LoggedFile> | undefined;
};

/** Spark lists folders by itself. */
async function listFiles(options: CheckedOptions): Promise<ListedOptions> {
  const { spark, testInputs } = options;
  if (spark !== undefined) return options;
  const inputs = await listInputs(options.inputs);
  const days = await daysOf(inputs);
  return {
    ...(days === undefined ? options : columnsOfLog(options)),
    inputs,
    days,
    testInputs: testInputs && (await listInputs(testInputs)),
  };
}

export interface Workplace {
  readonly folder: string;
  readonly scratch: string;
  /** Ids of items that no filter by support removes. */
  readonly knownItems?: (() => AsyncIterable<readonly string[]>) | undefined;
  /** Not given: no session is late. */
  readonly lateSessions?: LateSessions | undefined;
  /** Ends of the sessions of the dataset that is extended, in ascending order, for `keepMs`. */
  readonly sessionEnds?: Float64Array | undefined;
  /** Bad rows of the items file of the dataset that is extended. */
  readonly badItems?: BadRowList;
}

/** The dataset's manifest, and counts of events after each step. */
export interface PrepareReport {
  readonly manifest: DatasetManifest;
  readonly funnel: readonly FunnelRow[];
  readonly badRows: number;
  readonly timeUnit: TimeUnit;
  readonly keptFrom?: number | undefined;
  /** What may be wrong with the event types, times or splits, in one line each. */
  readonly warnings: readonly string[];
  /** Undefined without an items file. */
  readonly itemInfo?: LineCounts | undefined;
  /** Items of the dataset without training events. */
  readonly coldItems: number;
}

interface Preparation {
  readonly reader: LogReader;
  readonly options: ListedOptions;
  readonly workplace: Workplace;
  readonly catalogue: ItemIdTable | undefined;
  readonly funnel: Funnel;
  readonly progress: ProgressReporter;
  readonly report: { -readonly [Name in keyof PrepareReport]?: PrepareReport[Name] };
}

async function prepareLog(db: Backend, options: ListedOptions, workplace: Workplace): Promise<PrepareReport> {
  const { badItems = new BadRowList() } = workplace;
  const progress = new ProgressReporter(options);
  const reader = logReader(db, options, progress, badItems);
  const funnel = new Funnel();
  const report: Preparation['report'] = {};
  const catalogue = await readCatalogue(options, badItems);
  const work = { reader, options, workplace, catalogue, progress, funnel, report };
  await progress.run(stepsOf(work), () => db.progress);
  const { timeUnit, badRows } = reader.log;
  return { ...(report as PrepareReport), funnel: funnel.rows, badRows: badRows.count, timeUnit };
}

/** For text, estimated from two million events of TSV. */
const TEXT_READ = 1.3;

/** A cost is in seconds for ten million events, on two cores, in memory, on Parquet with integer ids. */
function stepsOf(work: Preparation): Step[] {
  const { reader, options } = work;
  const { inputs } = options;
  const isText = !inputs.every((file) => file.endsWith('.parquet'));
  const cuts = cutSplits.filter((split) => splitRule(options, split) !== undefined).length;
  return [
    { stage: 'read', name: inputs[0] ?? '', cost: isText ? TEXT_READ : 0.45, apply: () => reader.read() },
    { stage: 'sort', name: 'sort into sessions', cost: 0.57, apply: () => reader.sort() },
    { stage: 'sort', name: 'count', cost: 0.32, apply: () => countEvents(work) },
    ...filterSteps(work),
    { stage: 'split', name: 'by time', cost: 0.18 * cuts, apply: () => splitByTime(work) },
    ...heldOutSteps(work),
    { stage: 'split', name: 'number items', cost: 0.07, apply: () => numberItems(work) },
    { stage: 'write', name: 'order', cost: 2.1, apply: () => writeOutput(work) },
  ];
}

/** Training keeps the items of the dataset that is extended, held-out splits those of the items file. */
async function learnItems({ reader: { log }, options, workplace, catalogue }: Preparation): Promise<void> {
  const { knownItems } = workplace;
  if (knownItems !== undefined) await log.events.learnItems(knownItems(), [splitNumbers.train]);
  const heldOut = heldOutSplits(options).map((split) => splitNumbers[split]);
  if (catalogue === undefined || heldOut.length === 0) return;
  await log.events.learnItems(piecesOf(catalogue), heldOut);
}

async function countEvents(work: Preparation): Promise<void> {
  const { reader, options, workplace, funnel } = work;
  const { userColumn, testInputs, eventTypes } = options;
  const { lateSessions } = workplace;
  const { events, rows } = reader.log;
  await learnItems(work);
  for (const { step, ...counts } of rows) funnel.add('all', step, counts);
  if (rows.length === 0) {
    const all = await events.count();
    const counts = { ...all, sessions: userColumn === undefined ? all.sessions : null };
    funnel.add('all', 'rows read', counts);
    if (eventTypes !== undefined) funnel.add('all', 'other event types', counts);
  }
  if (userColumn !== undefined) await funnel.record(events, 'users cut into sessions', ['all']);
  if (testInputs !== undefined) await funnel.record(events, 'given split', splitsToFilter(options));
  if (lateSessions?.policy === 'drop') {
    await events.removeLate(lateSessions.before);
    await funnel.record(events, 'late sessions', splitsToFilter(options));
  }
  work.report.keptFrom = await removeOld(work);
}

/** Share of the sessions whose ends do not move the time from which `keepMs` counts, so that single rows cannot. */
const LATEST = 0.001;

async function removeOld({ reader, options, workplace, funnel }: Preparation): Promise<number | undefined> {
  const { keepMs, forceKeep = false } = options;
  if (keepMs === undefined) return undefined;
  const { events } = reader.log;
  const { sessionEnds: ends } = workplace;
  const { sessions } = await events.count();
  const later = Math.ceil(LATEST * (sessions + (ends?.length ?? 0) - 1));
  const latest = [...(await events.latestEnds(later + 1)), ...(ends?.slice(-later - 1) ?? [])];
  const from = Math.min(latest.sort((a, b) => b - a)[later] ?? 0, Date.now());
  const before = from - keepMs;
  await events.removeEnded(before);
  const step = `sessions that ended before ${new Date(before).toISOString()}`;
  await funnel.record(events, step, splitsToFilter(options));
  const kept = ends?.filter((end) => end >= before).length ?? (await events.count()).sessions;
  const removed = (ends?.length ?? sessions) - kept;
  if (removed <= kept || forceKeep) return before;
  const file = ends ? options.output : (options.inputs[0] ?? '');
  throw optionError((message) => new DataError(message, { file }), {
    caller: 'prepare',
    option: 'keepMs',
    remedy: 'forceKeep',
    problem:
      `expected to keep half of the sessions or more, got ${removed} to remove and ${kept} to keep, counting from ` +
      `${new Date(from).toISOString()}, at ${file}. Correct the times, or allow it`,
  });
}

/** Share of the time of a filter before the events that are left are counted. */
const REMOVED = 0.4;

function filterSteps({ reader, options, funnel, progress }: Preparation): Step[] {
  return allFilters(options).map(({ step: name, apply }) => ({
    stage: 'filter',
    name,
    cost: 0.25,
    apply: async () => {
      await apply(reader.log.events);
      progress.part(name, REMOVED, 1 - REMOVED);
      await funnel.record(reader.log.events, name, splitsToFilter(options));
    },
  }));
}

function splitsToFilter({ testInputs }: CheckedOptions): FunnelSplit[] {
  return testInputs === undefined ? ['all'] : ['train', 'test'];
}

async function splitByTime({ reader, options, funnel }: Preparation): Promise<void> {
  const { events } = reader.log;
  const cuts = cutSplits.flatMap((split) => {
    const rule = splitRule(options, split);
    return rule ? [{ split, rule }] : [];
  });
  if (cuts.length > 0) {
    const { sessions } = await events.count(splitNumbers.train);
    const file = options.inputs[0] ?? '';
    for (const cut of cuts) await cutOff(events, { ...cut, sessions, file });
    await funnel.record(events, 'split by time', ['train', ...heldOutSplits(options)]);
  } else if (options.testInputs === undefined) await funnel.record(events, 'no split', ['train']);
}

function heldOutSteps({ reader, options, funnel }: Preparation): Step[] {
  return heldOutFilters(options).map(({ step, split, apply }) => ({
    stage: 'split',
    name: `${split}: ${step}`,
    cost: 0.06,
    apply: async () => {
      await apply(reader.log.events);
      await funnel.record(reader.log.events, step, [split]);
    },
  }));
}

async function numberItems({ reader, options, workplace, funnel, report }: Preparation): Promise<void> {
  const { events, badRows, absent } = reader.log;
  const { lateSessions } = workplace;
  const late = lateSessions && (await countLate(events, lateSessions, options.inputs[0] ?? ''));
  if (late) await funnel.record(events, `late sessions kept: ${late}`, ['train']);
  checkSplits(options, funnel);
  report.warnings = [absent ?? [], await splitWarnings(events, options, funnel)].flat();
  await events.numberItems();
  if (badRows.count > 0) await writeBadRows(join(workplace.folder, BAD_ROWS_FILE), badRows);
}

function checkSplits(options: CheckedOptions, funnel: Funnel): void {
  const splits: SplitName[] = ['train', ...heldOutSplits(options)];
  const empty = splits.find((name) => funnel.events([name]) === 0);
  if (empty === undefined) return;
  const steps = funnel.rows.filter(({ split }) => split === 'all' || split === empty);
  const at = steps.findIndex(({ events }) => events === 0);
  const [before, last] = [steps[at - 1], steps[at]];
  const advice = last?.step === 'split by time' ? ' Hold out fewer sessions.' : '';
  const reason = before
    ? ` The last step that removed events: ${last?.step} (${before.events}).${advice}`
    : '';
  const file = (empty === 'test' ? options.testInputs?.[0] : undefined) ?? options.inputs[0];
  const message = `"${empty}" expected at least one session, got none left, at ${file}.${reason}`;
  throw new (empty === 'train' ? NoSessionError : DataError)(message, { file });
}

/** Share of the time of writing before the first sessions, in which the events are ordered. */
const ORDERED = 0.38;

async function writeOutput(work: Preparation): Promise<void> {
  const { reader, options, workplace, catalogue, funnel, progress, report } = work;
  const { events, files, timeUnit, badRows, contexts } = reader.log;
  const total = funnel.events(['train', 'validation', 'test']);
  const known = catalogue && new CatalogueItems(catalogue);
  let written = 0;
  let itemInfo: LineCounts | undefined;
  async function* sessionsOf(split: SplitName): AsyncGenerator<SourceChunk> {
    for await (const { context, ...chunk } of events.sessions(splitNumbers[split])) {
      const items = known ? known.renumber(chunk.items) : chunk.items;
      yield { ...chunk, items, context: contexts && context ? contextOf(context, contexts) : undefined };
      written += chunk.items.length;
      progress.report(split, ORDERED + (1 - ORDERED) * (written / total));
    }
  }
  progress.part('order', 0, ORDERED);
  const described = describePreparation(options, files);
  const source = {
    items: known ? known.items(events.items()) : events.items(),
    splits: {
      train: sessionsOf('train'),
      ...Object.fromEntries(heldOutSplits(options).map((split) => [split, sessionsOf(split)])),
    },
    contextColumns: contexts?.columns,
    preparation: { ...described, timeUnit, badRows: badRows.count, funnel: funnel.rows },
    itemInfo:
      options.items === undefined
        ? undefined
        : (itemIds: ItemIdTable) =>
            itemInfoLines([rowsOfItems(options)], itemIds, (counts) => {
              itemInfo = counts;
            }),
  };
  report.manifest = await writeDatasetFiles(workplace.folder, source);
  report.itemInfo = itemInfo;
  report.coldItems = known?.cold ?? 0;
}

/** Independent of the machine. */
function describePreparation(options: ListedOptions, files: readonly LoadedFile[]): Record<string, unknown> {
  const { inputs, testInputs, items, itemColumns, output, overwrite, days, ...others } = options;
  const { memoryLimit, threads, spark, onProgress, signal, ...shaping } = others;
  const named = (isTest: boolean) =>
    files
      .filter((file) => file.isTest === isTest)
      .map(({ file, format, rows }) => ({ file: basename(file), format, rows, ...days?.get(file) }));
  const logThrough = Array.from(days?.values() ?? [], ({ day }) => day)
    .toSorted()
    .at(-1);
  return { options: shaping, inputs: named(false), testInputs: named(true), logThrough, itemColumns };
}
