import { mkdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import {
  checkReplaceable,
  DataError,
  type DatasetManifest,
  replaceDataset,
  type SplitName,
  writeDatasetFiles,
} from '@gru4rec/sessions';
import { DuckDb } from './backends/duckdb.ts';
import { failureOf } from './backends/failure.ts';
import { BAD_ROWS_FILE, type BadRow, writeBadRows } from './bad-rows.ts';
import { Funnel, type FunnelRow, type FunnelSplit } from './funnel.ts';
import { checkInput, openInput } from './input-file.ts';
import { type CheckedOptions, checkOptions, type PrepareOptions, type TimeUnit } from './options.ts';
import { itemChunks, sessionChunks } from './output.ts';
import { Progress } from './progress.ts';
import { checkAnyRow, countRows, detectTimeUnit, findBadRows, judgeRows } from './steps/check.ts';
import { applyFilter, filterRound, sessionFilters, unknownItems } from './steps/filter.ts';
import { indexItems } from './steps/index-items.ts';
import { createRawTable, type LoadedFile, loadFile } from './steps/read.ts';
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
  await checkReplaceable(output, overwrite);
  try {
    return await replaceDataset(output, { overwrite }, (folder, scratch) =>
      new Preparation(checked, folder, scratch).run(),
    );
  } catch (error) {
    throw failureOf(error, dirname(resolve(output)));
  }
}

class Preparation {
  readonly #options: CheckedOptions;
  readonly #folder: string;
  readonly #scratch: string;
  readonly #funnel = new Funnel();
  readonly #progress: Progress;

  constructor(options: CheckedOptions, folder: string, scratch: string) {
    this.#options = options;
    this.#folder = folder;
    this.#scratch = scratch;
    this.#progress = new Progress(options.onProgress);
  }

  async run(): Promise<PrepareReport> {
    const { memoryLimit, threads } = this.#options;
    const directory = join(this.#scratch, 'duckdb');
    await mkdir(directory);
    const db = await DuckDb.open({ directory, memoryLimit, threads });
    this.#progress.watch(() => db.progress);
    try {
      return await this.#runOn(db);
    } finally {
      this.#progress.stop();
      db.close();
    }
  }

  async #runOn(db: DuckDb): Promise<PrepareReport> {
    const options = this.#options;
    const { files, badRows: unreadable } = await this.#read(db);
    this.#progress.start('sort', 'check rows');
    const found = options.timeUnit ?? (await detectTimeUnit(db));
    const timeUnit = found ?? 's';
    await judgeRows(db, timeUnit, options);
    const badRows = [...unreadable, ...(await findBadRows(db, files, found, options))];
    await this.#countRows(db, files, unreadable.length);
    this.#progress.start('sort', 'sort into sessions');
    const firstTestRow = files.find(({ isTest }) => isTest)?.firstRow ?? Number.MAX_SAFE_INTEGER;
    await sessionize(db, firstTestRow, options);
    await this.#filter(db);
    await this.#split(db);
    await this.#checkSplits(db);
    await indexItems(db);
    if (badRows.length > 0) await writeBadRows(join(this.#folder, BAD_ROWS_FILE), sortedRows(badRows, files));
    const manifest = await this.#write(db, files, timeUnit, badRows.length);
    return { manifest, funnel: this.#funnel.rows, badRows: badRows.length, timeUnit };
  }

  async #read(db: DuckDb): Promise<{ files: LoadedFile[]; badRows: BadRow[] }> {
    const { inputs, testInputs = [] } = this.#options;
    const all = [...inputs, ...testInputs];
    for (const file of all) await checkInput(file);
    await createRawTable(db);
    const files: LoadedFile[] = [];
    const badRows: BadRow[] = [];
    let firstRow = 0;
    for (const [index, file] of all.entries()) {
      this.#progress.start('read', file, index / all.length, 1 / all.length);
      const scratch = join(this.#scratch, `input-${index}`);
      await mkdir(scratch);
      const input = await openInput(file, scratch, this.#options);
      badRows.push(...(await loadFile(db, input, this.#options, scratch)));
      const { total = 0 } = await db.numbers('SELECT count(*) AS total FROM raw');
      files.push({ input, isTest: index >= inputs.length, firstRow, rows: total - firstRow });
      firstRow = total;
    }
    return { files, badRows };
  }

  async #countRows(db: DuckDb, files: readonly LoadedFile[], unreadable: number): Promise<void> {
    const counts = await countRows(db);
    checkAnyRow(files, counts);
    const isCut = this.#options.userColumn === undefined;
    const shown = <Counts extends { sessions: number }>(row: Counts) => ({
      ...row,
      sessions: isCut ? row.sessions : null,
    });
    this.#funnel.add('all', 'rows read', shown({ ...counts.read, events: counts.read.events + unreadable }));
    if (counts.sound.events < counts.read.events + unreadable)
      this.#funnel.add('all', 'bad rows', shown(counts.sound));
    if (this.#options.eventTypes !== undefined)
      this.#funnel.add('all', 'other event types', shown(counts.kept));
  }

  async #filter(db: DuckDb): Promise<void> {
    const { userColumn, testInputs, filterUntilStable } = this.#options;
    const splits: FunnelSplit[] = testInputs === undefined ? ['all'] : ['train', 'test'];
    if (userColumn !== undefined) await this.#record(db, 'users cut into sessions', ['all']);
    if (testInputs !== undefined) await this.#record(db, 'given split', splits);
    const filters = filterRound(this.#options);
    for (let round = 1; ; round++) {
      const before = await this.#events(db);
      for (const filter of filters) {
        const step = round === 1 ? filter.step : `${filter.step} (round ${round})`;
        this.#progress.start('filter', step);
        await applyFilter(db, filter);
        await this.#record(db, step, splits);
      }
      if (!filterUntilStable || (await this.#events(db)) === before) return;
    }
  }

  async #split(db: DuckDb): Promise<void> {
    const { testDays, validationDays, testInputs } = this.#options;
    this.#progress.start('split', 'by time');
    if (testDays !== undefined) await splitLastDays(db, 'test', testDays);
    if (validationDays !== undefined) await splitLastDays(db, 'validation', validationDays);
    const others = (['validation', 'test'] as const).filter((name) => this.#hasSplit(name));
    const isNew = testDays !== undefined || validationDays !== undefined;
    if (isNew) await this.#record(db, 'split by time', ['train', ...others]);
    else if (testInputs === undefined) await this.#record(db, 'no split', ['train']);
    for (const name of others) {
      for (const filter of [unknownItems(name), ...sessionFilters(this.#options)]) {
        this.#progress.start('split', `${name}: ${filter.step}`);
        await applyFilter(db, filter);
        await this.#record(db, filter.step, [name]);
      }
    }
  }

  #hasSplit(name: SplitName): boolean {
    const { testDays, validationDays, testInputs } = this.#options;
    if (name === 'test') return testDays !== undefined || testInputs !== undefined;
    return name === 'train' || validationDays !== undefined;
  }

  async #checkSplits(db: DuckDb): Promise<void> {
    for (const name of ['train', 'validation', 'test'] as const) {
      if (!this.#hasSplit(name)) continue;
      const { n = 0 } = await db.numbers(
        `SELECT count(*) AS n FROM events WHERE split = ${splitNumbers[name]}`,
      );
      if (n > 0) continue;
      const last = this.#funnel.rows.findLast((row) => row.removedEvents > 0);
      const reason =
        last === undefined ? '' : ` The last step that removed events: ${last.step} (${last.removedEvents}).`;
      const file = (name === 'test' ? this.#options.testInputs?.[0] : undefined) ?? this.#options.inputs[0];
      throw new DataError(
        `prepare: "${name}" expected one session at least, got none left, at ${file}.${reason}`,
        {
          file,
        },
      );
    }
  }

  async #events(db: DuckDb): Promise<number> {
    const { n = 0 } = await db.numbers('SELECT count(*) AS n FROM events');
    return n;
  }

  async #record(db: DuckDb, step: string, splits: readonly FunnelSplit[]): Promise<void> {
    for (const split of splits) {
      const where = split === 'all' ? '' : `WHERE split = ${splitNumbers[split]}`;
      const {
        events = 0,
        sessions = 0,
        items = 0,
      } = await db.numbers(`
        SELECT count(*) AS events, count(DISTINCT session) AS sessions, count(DISTINCT item) AS items
        FROM events ${where}`);
      this.#funnel.add(split, step, { events, sessions, items });
    }
  }

  async #write(
    db: DuckDb,
    files: readonly LoadedFile[],
    timeUnit: TimeUnit,
    badRows: number,
  ): Promise<DatasetManifest> {
    const total = await this.#events(db);
    let done = 0;
    const sessionsOf = (name: SplitName) =>
      sessionChunks(db, name, (events) => {
        done += events;
        this.#progress.report('write', name, done / total);
      });
    return writeDatasetFiles(this.#folder, {
      items: itemChunks(db),
      splits: {
        train: sessionsOf('train'),
        ...(this.#hasSplit('validation') && { validation: sessionsOf('validation') }),
        ...(this.#hasSplit('test') && { test: sessionsOf('test') }),
      },
      preparation: { ...this.#describe(files), timeUnit, badRows, funnel: this.#funnel.rows },
    });
  }

  /** The options that shape the data, and the inputs by name: nothing that differs from machine to machine. */
  #describe(files: readonly LoadedFile[]): Record<string, unknown> {
    const { inputs, testInputs, output, overwrite, memoryLimit, threads, onProgress, ...shaping } =
      this.#options;
    const named = (isTest: boolean) =>
      files
        .filter((file) => file.isTest === isTest)
        .map(({ input, rows }) => ({ file: basename(input.file), format: input.format, rows }));
    return { options: shaping, inputs: named(false), testInputs: named(true) };
  }
}

function sortedRows(badRows: readonly BadRow[], files: readonly LoadedFile[]): BadRow[] {
  const place = new Map(files.map(({ input }, index) => [input.file, index]));
  const placeOf = (row: BadRow) => place.get(row.file) ?? 0;
  return badRows.toSorted((a, b) => placeOf(a) - placeOf(b) || a.row - b.row);
}
