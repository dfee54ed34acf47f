import { basename, dirname, join, resolve } from 'node:path';
import {
  DataError,
  type DatasetManifest,
  replaceDataset,
  type SplitName,
  writeDatasetFiles,
} from '@gru4rec/sessions';
import type { Backend, LoadedFile } from './backends/backend.ts';
import { DuckDbBackend } from './backends/duckdb/duckdb-backend.ts';
import { failureOf } from './backends/duckdb/failure.ts';
import { withSpark } from './backends/spark/with-spark.ts';
import { BAD_ROWS_FILE, sortedRows, writeBadRows } from './bad-rows.ts';
import { Funnel, type FunnelRow, type FunnelSplit } from './funnel.ts';
import { listInputs } from './input/list-inputs.ts';
import { type CheckedOptions, checkOptions, type PrepareOptions, type TimeUnit } from './options.ts';
import { itemChunks, sessionChunks } from './output.ts';
import { Progress } from './progress.ts';
import { type Shares, sharesOf, totalShare } from './shares.ts';
import {
  checkAnyRow,
  countDistinct,
  countRows,
  detectTimeUnit,
  findBadRows,
  judgeRows,
  type RowCounts,
  rowFilters,
} from './steps/check.ts';
import { findAbsentTypes } from './steps/event-types.ts';
import { filterRound, sessionFilters, unknownItems } from './steps/filter.ts';
import { indexItems } from './steps/index-items.ts';
import { countLate, type LateSessions, lateFilter } from './steps/late.ts';
import { sessionize, splitNumbers } from './steps/sessionize.ts';
import { splitLastDays } from './steps/split.ts';

/** What was made, and what became of the events. */
export interface PrepareReport {
  readonly manifest: DatasetManifest;
  readonly funnel: readonly FunnelRow[];
  readonly badRows: number;
  readonly timeUnit: TimeUnit;
}

/**
 * Makes a session dataset from raw events.
 *
 * @throws TypeError or RangeError at wrong options, DataError at bad input: then nothing is left behind.
 */
export async function prepare(options: PrepareOptions): Promise<PrepareReport> {
  const checked = checkOptions(options);
  const { output, overwrite = false } = options;
  try {
    return await replaceDataset(output, { overwrite }, (folder, scratch) =>
      prepareFiles(checked, { folder, scratch }),
    );
  } catch (error) {
    throw failureOf(error, dirname(resolve(output)));
  }
}

/** Where a dataset is made, and what is known before. */
export interface Workplace {
  /** An empty folder for the dataset. */
  readonly folder: string;
  /** An empty folder for what is not kept. */
  readonly scratch: string;
  /** Ids of items that are kept however rare they are. */
  readonly knownItems?: () => AsyncIterable<readonly string[]>;
  /** Not given: no session is late. */
  readonly lateSessions?: LateSessions;
}

/** Makes the files of a dataset. */
export async function prepareFiles(options: CheckedOptions, workplace: Workplace): Promise<PrepareReport> {
  return new Preparation(await withFiles(options), workplace).run();
}

/** Files in the place of folders, which Spark reads by itself. */
async function withFiles(options: CheckedOptions): Promise<CheckedOptions> {
  const { spark, inputs, testInputs } = options;
  if (spark !== undefined) return options;
  return {
    ...options,
    inputs: await listInputs(inputs),
    testInputs: testInputs && (await listInputs(testInputs)),
  };
}

class Preparation {
  readonly #options: CheckedOptions;
  readonly #workplace: Workplace;
  readonly #funnel = new Funnel();
  readonly #shares: Shares;
  readonly #progress: Progress;

  constructor(options: CheckedOptions, workplace: Workplace) {
    this.#options = options;
    this.#workplace = workplace;
    this.#shares = sharesOf(options);
    this.#progress = new Progress(options.onProgress, totalShare(this.#shares, options));
  }

  async run(): Promise<PrepareReport> {
    const [{ spark }, { scratch }] = [this.#options, this.#workplace];
    if (spark !== undefined) return withSpark({ ...this.#options, spark }, scratch, (db) => this.#watch(db));
    const db = await DuckDbBackend.open(this.#options, scratch);
    return this.#watch(db).finally(() => db.close());
  }

  async #watch(db: Backend): Promise<PrepareReport> {
    this.#progress.watch(() => db.progress);
    return this.#runOn(db).finally(() => this.#progress.stop());
  }

  async #runOn(db: Backend): Promise<PrepareReport> {
    const options = this.#options;
    this.#progress.start('read', this.#options.inputs[0] ?? '', this.#shares.read);
    const { files, badRows: unreadable } = await db.read((file, index, count) =>
      this.#progress.startPart(file, index / count, 1 / count),
    );
    this.#progress.start('sort', 'check rows', this.#shares.check);
    this.#progress.startPart('check rows', 0, 0.3);
    const found = options.timeUnit ?? (await detectTimeUnit(db, files));
    const timeUnit = found ?? 's';
    await judgeRows(db, timeUnit, files, options);
    this.#progress.startPart('check rows', 0.3, 0.7);
    const counts = await countRows(db);
    await findAbsentTypes(db, options);
    const bad = counts.sound < counts.read ? await findBadRows(db, files, found, options) : [];
    const badRows = unreadable.count + counts.read - counts.sound;
    checkAnyRow(files, counts);
    const isWhole = counts.kept === counts.read && unreadable.count === 0 && options.testInputs === undefined;
    if (!isWhole) await this.#countRows(db, counts, unreadable.count);
    this.#progress.start('sort', 'sort into sessions', this.#shares.sort);
    this.#progress.startPart('sort into sessions', 0, 0.75);
    const firstTestRow = files.find(({ isTest }) => isTest)?.firstRow ?? Number.MAX_SAFE_INTEGER;
    await sessionize(db, firstTestRow, options);
    if (this.#workplace.knownItems !== undefined) await db.learnItems?.(this.#workplace.knownItems());
    this.#progress.startPart('count', 0.75, 0.25);
    if (isWhole) await this.#countEvents(db);
    await this.#filter(db);
    await this.#split(db);
    await this.#countLate(db);
    this.#checkSplits();
    this.#progress.start('split', 'number items', this.#shares.index);
    await indexItems(db);
    if (badRows > 0) {
      const listed = sortedRows([...unreadable.listed, ...bad], files);
      await writeBadRows(join(this.#workplace.folder, BAD_ROWS_FILE), { listed, count: badRows });
    }
    const manifest = await this.#write(db, files, timeUnit, badRows);
    return { manifest, funnel: this.#funnel.rows, badRows, timeUnit };
  }

  /** Adds to the funnel what was read. */
  async #countRows(db: Backend, { read, sound }: RowCounts, unreadable: number): Promise<void> {
    const { userColumn, eventTypes } = this.#options;
    const add = async (step: string, among: keyof RowCounts, more = 0) => {
      const counts = await countDistinct(db, `judged WHERE ${rowFilters[among]}`);
      const sessions = userColumn === undefined ? counts.sessions : null;
      this.#funnel.add('all', step, { ...counts, events: counts.events + more, sessions });
    };
    await add('rows read', 'read', unreadable);
    if (sound < read + unreadable) await add('bad rows', 'sound');
    if (eventTypes !== undefined) await add('other event types', 'kept');
  }

  /** The same where all of it is kept: numbers are quicker to count than names. */
  async #countEvents(db: Backend): Promise<void> {
    const { userColumn, eventTypes } = this.#options;
    const counts = await countDistinct(db, 'events');
    const shown = { ...counts, sessions: userColumn === undefined ? counts.sessions : null };
    this.#funnel.add('all', 'rows read', shown);
    if (eventTypes !== undefined) this.#funnel.add('all', 'other event types', shown);
  }

  async #filter(db: Backend): Promise<void> {
    const { userColumn, testInputs, filterUntilStable } = this.#options;
    const splits: FunnelSplit[] = testInputs === undefined ? ['all'] : ['train', 'test'];
    if (userColumn !== undefined) await this.#record(db, 'users cut into sessions', ['all']);
    if (testInputs !== undefined) await this.#record(db, 'given split', splits);
    const { lateSessions, knownItems } = this.#workplace;
    const late = lateSessions?.policy === 'drop' ? [lateFilter(lateSessions)] : [];
    for (const { step, removed } of late) {
      await db.remove(removed);
      await this.#record(db, step, splits);
    }
    const filters = filterRound(this.#options, knownItems !== undefined);
    for (let round = 1; ; round++) {
      const before = this.#funnel.events(splits);
      if (round > 1) this.#progress.extend(filters.length * this.#shares.filter);
      for (const filter of filters) {
        const step = round === 1 ? filter.step : `${filter.step} (round ${round})`;
        this.#progress.start('filter', step, this.#shares.filter);
        this.#progress.startPart(step, 0, 0.45);
        await db.remove(filter.removed);
        this.#progress.startPart(step, 0.45, 0.55);
        await this.#record(db, step, splits);
      }
      if (!filterUntilStable || this.#funnel.events(splits) === before) return;
    }
  }

  /** Adds to the funnel how many sessions are late, and kept. */
  async #countLate(db: Backend): Promise<void> {
    const { lateSessions } = this.#workplace;
    const late = lateSessions && (await countLate(db, lateSessions, this.#options.inputs[0] ?? ''));
    if (late) await this.#record(db, `late sessions kept: ${late}`, ['train']);
  }

  async #split(db: Backend): Promise<void> {
    const { testDays, validationDays, testInputs } = this.#options;
    const splits = [testDays, validationDays].filter((days) => days !== undefined).length;
    this.#progress.start('split', 'by time', splits * this.#shares.split);
    if (testDays !== undefined) await splitLastDays(db, 'test', testDays);
    if (validationDays !== undefined) await splitLastDays(db, 'validation', validationDays);
    const others = (['validation', 'test'] as const).filter((name) => this.#hasSplit(name));
    const isNew = testDays !== undefined || validationDays !== undefined;
    if (isNew) await this.#record(db, 'split by time', ['train', ...others]);
    else if (testInputs === undefined) await this.#record(db, 'no split', ['train']);
    for (const name of others) {
      for (const filter of [unknownItems(name), ...sessionFilters(this.#options)]) {
        this.#progress.start('split', `${name}: ${filter.step}`, this.#shares.smallFilter);
        await db.remove(filter.removed);
        await this.#record(db, filter.step, [name]);
      }
    }
  }

  #hasSplit(name: SplitName): boolean {
    const { testDays, validationDays, testInputs } = this.#options;
    if (name === 'test') return testDays !== undefined || testInputs !== undefined;
    return name === 'train' || validationDays !== undefined;
  }

  #checkSplits(): void {
    for (const name of ['train', 'validation', 'test'] as const) {
      if (!this.#hasSplit(name)) continue;
      if (this.#funnel.events([name]) > 0) continue;
      const last = this.#funnel.rows.findLast((row) => row.removedEvents > 0);
      const reason = last ? ` The last step that removed events: ${last.step} (${last.removedEvents}).` : '';
      const file = (name === 'test' ? this.#options.testInputs?.[0] : undefined) ?? this.#options.inputs[0];
      const message = `"${name}" expected one session at least, got none left, at ${file}.${reason}`;
      throw new DataError(message, { file });
    }
  }

  async #record(db: Backend, step: string, splits: readonly FunnelSplit[]): Promise<void> {
    for (const split of splits) {
      const from = split === 'all' ? 'events' : `events WHERE split = ${splitNumbers[split]}`;
      this.#funnel.add(split, step, await countDistinct(db, from));
    }
  }

  async #write(
    db: Backend,
    files: readonly LoadedFile[],
    timeUnit: TimeUnit,
    badRows: number,
  ): Promise<DatasetManifest> {
    const total = this.#funnel.events(['train', 'validation', 'test']);
    let done = 0;
    let isOrdered = false;
    this.#progress.start('write', 'order', this.#shares.order);
    const sessionsOf = (name: SplitName) =>
      sessionChunks(db, name, (events) => {
        done += events;
        if (!isOrdered) this.#progress.start('write', name, this.#shares.write);
        isOrdered = true;
        this.#progress.report(name, done / total);
      });
    const source = {
      items: itemChunks(db),
      splits: {
        train: sessionsOf('train'),
        ...(this.#hasSplit('validation') && { validation: sessionsOf('validation') }),
        ...(this.#hasSplit('test') && { test: sessionsOf('test') }),
      },
      preparation: { ...this.#describe(files), timeUnit, badRows, funnel: this.#funnel.rows },
    };
    const { compression = 'none' } = this.#options;
    return writeDatasetFiles(
      this.#workplace.folder,
      source,
      compression === 'none' ? undefined : compression,
    );
  }

  /** The options that shape the data, and the inputs by name: nothing that differs from machine to machine. */
  #describe(files: readonly LoadedFile[]): Record<string, unknown> {
    const { inputs, testInputs, output, overwrite, onProgress, ...others } = this.#options;
    const { memoryLimit, threads, maxUnpackedBytes, spark, onAbsentTypes, ...shaping } = others;
    const named = (isTest: boolean) =>
      files
        .filter((file) => file.isTest === isTest)
        .map(({ file, format, rows }) => ({ file: basename(file), format, rows }));
    return { options: shaping, inputs: named(false), testInputs: named(true) };
  }
}
