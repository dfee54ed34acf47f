import type { Compression } from '@gru4rec/sessions';

/** The formats that events are read from. */
export type InputFormat = 'csv' | 'tsv' | 'jsonl' | 'parquet' | 'arrow';
/** What the time column counts; `iso` is ISO 8601, UTC where no zone is given. */
export type TimeUnit = 's' | 'ms' | 'iso';

const inputFormats: readonly InputFormat[] = ['csv', 'tsv', 'jsonl', 'parquet', 'arrow'];
export const timeUnits: readonly TimeUnit[] = ['s', 'ms', 'iso'];

/** Where events come from, what is kept of them, and where the dataset goes. */
export interface PrepareOptions {
  /** Files of events, or folders of them; their order decides between events of the same time. */
  readonly inputs: readonly string[];
  /** Files, or folders, of the test split's events. Not together with `testDays`. */
  readonly testInputs?: readonly string[] | undefined;
  /** Folder of the dataset. */
  readonly output: string;
  /** Replaces an existing dataset. */
  readonly overwrite?: boolean | undefined;

  /** By each file's content if not given. */
  readonly format?: InputFormat | undefined;
  /** `SessionId` if not given. */
  readonly sessionColumn?: string | undefined;
  /** `ItemId` if not given. */
  readonly itemColumn?: string | undefined;
  /** `Time` if not given. */
  readonly timeColumn?: string | undefined;
  /** Takes the place of the session column: a user's events are cut into sessions at `sessionGapMs`. */
  readonly userColumn?: string | undefined;
  /** A pause of more than this starts a new session; 30 minutes if not given. */
  readonly sessionGapMs?: number | undefined;
  /** Names the kind of event. Together with `eventTypes`. */
  readonly eventColumn?: string | undefined;
  /** The kinds of event that are kept. */
  readonly eventTypes?: readonly string[] | undefined;
  /** JSON Lines with one session a line: the field that lists its events. */
  readonly eventsField?: string | undefined;
  /** By the data if not given. */
  readonly timeUnit?: TimeUnit | undefined;
  /** The most bytes that a gzip file may hold; a hundred times its size, or 1 GiB if that is more, if not given. */
  readonly maxUnpackedBytes?: number | undefined;
  /** `fail` at the first bad row, or `skip` and list them. `fail` if not given. */
  readonly onBadRow?: 'fail' | 'skip' | undefined;

  /** Sessions of fewer events are removed; 2 if not given. */
  readonly minSessionLength?: number | undefined;
  /** Sessions of more events are removed as a whole. */
  readonly maxSessionLength?: number | undefined;
  /** Items of fewer events are removed; 1, which removes none, if not given. */
  readonly minItemSupport?: number | undefined;
  /** Repeats the filters until they remove nothing more. */
  readonly filterUntilStable?: boolean | undefined;
  /** Keeps one of several events of the same item in a row. */
  readonly collapseRepeats?: boolean | undefined;

  /** Sessions whose last event lies in the last so many days are the test split. */
  readonly testDays?: number | undefined;
  /** The same, of what is left, for the validation split. */
  readonly validationDays?: number | undefined;

  /** How the dataset's files are packed; `none` if not given. */
  readonly compression?: 'none' | Compression | undefined;

  /** As DuckDB takes it: `4GB`. What does not fit goes to a folder beside the output. */
  readonly memoryLimit?: string | undefined;
  readonly threads?: number | undefined;
  /** Runs the steps on Apache Spark. Not together with `memoryLimit`, `threads` or `maxUnpackedBytes`. */
  readonly spark?: SparkOptions | undefined;
  /** Called if event types that are to be kept do not occur. */
  readonly onAbsentTypes?: ((types: AbsentTypes) => void) | undefined;
  /** Called at every stage and about ten times a second within one. */
  readonly onProgress?: ((progress: PrepareProgress) => void) | undefined;
}

/** Requested event types that do not occur. */
export interface AbsentTypes {
  readonly absent: readonly string[];
  /** The types that occur, most frequent first; at most 20. */
  readonly found: readonly string[];
}

/** Which Spark runs the steps, and where. Its driver is a process of this machine. */
export interface SparkOptions {
  /** The folder of Spark 3.5, which holds `bin/spark-sql`. */
  readonly home: string;
  /** As Spark takes it: `local[*]`, `spark://host:7077`, `yarn`. */
  readonly master: string;
  /** For Spark's tables: the driver and all workers see it under this name. Beside the output if not given. */
  readonly folder?: string | undefined;
  /** Spark's own settings, such as `spark.executor.memory`. */
  readonly conf?: Readonly<Record<string, string>> | undefined;
}

/** Files of new events, and the dataset that they are added to. The dataset's manifest has the options that shape the data. */
export interface AppendOptions
  extends Pick<
    PrepareOptions,
    | 'inputs'
    | 'output'
    | 'format'
    | 'onBadRow'
    | 'memoryLimit'
    | 'threads'
    | 'maxUnpackedBytes'
    | 'onProgress'
    | 'onAbsentTypes'
  > {
  /**
   * For new sessions that start before the last session of the dataset: `keep` inserts them in order of start, `drop`
   * removes them before any filter. Without it they are refused.
   */
  readonly lateSessions?: 'keep' | 'drop' | undefined;
}

/** How far it is. */
export interface PrepareProgress {
  readonly stage: 'read' | 'sort' | 'filter' | 'split' | 'write';
  /** The file being read, the filter at work, the split being written. */
  readonly detail: string;
  /** Of the stage, from 0 to 1. */
  readonly fraction: number;
  /** Of everything, from 0 to 1, by the time that steps took where they were measured. */
  readonly total: number;
}

type Defaults =
  | 'sessionColumn'
  | 'itemColumn'
  | 'timeColumn'
  | 'sessionGapMs'
  | 'onBadRow'
  | 'minSessionLength'
  | 'minItemSupport'
  | 'filterUntilStable'
  | 'collapseRepeats';

/** Options with every default filled in. */
export type CheckedOptions = PrepareOptions & {
  readonly [Name in Defaults]-?: NonNullable<PrepareOptions[Name]>;
};

/**
 * Checks the options and fills in defaults.
 *
 * @throws TypeError if options contradict each other, RangeError if a value is out of range.
 */
export function checkOptions(options: PrepareOptions): CheckedOptions {
  const checked = {
    ...options,
    sessionColumn: options.sessionColumn ?? 'SessionId',
    itemColumn: options.itemColumn ?? 'ItemId',
    timeColumn: options.timeColumn ?? 'Time',
    sessionGapMs: options.sessionGapMs ?? 30 * 60_000,
    onBadRow: options.onBadRow ?? 'fail',
    minSessionLength: options.minSessionLength ?? 2,
    minItemSupport: options.minItemSupport ?? 1,
    filterUntilStable: options.filterUntilStable ?? false,
    collapseRepeats: options.collapseRepeats ?? false,
  };
  checkCombinations(options);
  checkOneOf('compression', options.compression, ['none', 'lz4', 'zstd']);
  checkOneOf('format', options.format, inputFormats);
  checkOneOf('timeUnit', options.timeUnit, timeUnits);
  checkOneOf('onBadRow', checked.onBadRow, ['fail', 'skip']);
  checkInteger('minSessionLength', checked.minSessionLength, 1);
  checkInteger('maxSessionLength', options.maxSessionLength, checked.minSessionLength);
  checkInteger('minItemSupport', checked.minItemSupport, 1);
  checkInteger('sessionGapMs', checked.sessionGapMs, 1);
  checkInteger('threads', options.threads, 1);
  checkInteger('maxUnpackedBytes', options.maxUnpackedBytes, 1);
  checkDays('testDays', options.testDays);
  checkDays('validationDays', options.validationDays);
  checkMemoryLimit(options.memoryLimit);
  return checked;
}

function checkCombinations(options: PrepareOptions): void {
  if (options.inputs.length === 0)
    throw new TypeError('prepare: "inputs" expected one file at least, got none.');
  if (options.userColumn !== undefined && options.sessionColumn !== undefined) {
    throw new TypeError(
      'prepare: "userColumn" expected no sessionColumn beside it, got both. Give one of them.',
    );
  }
  if (options.sessionGapMs !== undefined && options.userColumn === undefined) {
    throw new TypeError(
      'prepare: "sessionGapMs" expected userColumn beside it, got none: sessions by their own ids are not cut. Name the column of users or leave the gap out.',
    );
  }
  if (options.eventsField !== undefined && (options.format ?? 'jsonl') !== 'jsonl') {
    throw new TypeError(
      `prepare: "eventsField" expected format jsonl, got ${options.format}. Other formats have one event in each row.`,
    );
  }
  if (options.testDays !== undefined && options.testInputs !== undefined) {
    throw new TypeError('prepare: "testDays" expected no testInputs beside it, got both. Give one of them.');
  }
  const own = (['memoryLimit', 'threads', 'maxUnpackedBytes'] as const).find(
    (name) => options[name] !== undefined,
  );
  if (options.spark !== undefined && own !== undefined) {
    throw new TypeError(
      `prepare: "${own}" expected nothing where Spark does the work, got ${options[own]}. Say it in Spark's settings.`,
    );
  }
  const hasTypes = options.eventTypes !== undefined && options.eventTypes.length > 0;
  if (hasTypes !== (options.eventColumn !== undefined)) {
    const [missing, given] = hasTypes ? ['eventColumn', 'eventTypes'] : ['eventTypes', 'eventColumn'];
    throw new TypeError(
      `prepare: "${missing}" expected together with ${given}, got nothing. Give both or neither.`,
    );
  }
}

function checkOneOf(name: string, value: string | undefined, allowed: readonly string[]): void {
  if (value === undefined || allowed.includes(value)) return;
  throw new RangeError(`prepare: "${name}" expected ${allowed.join(', ')}, got ${value}.`);
}

function checkInteger(name: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return;
  throw new RangeError(`prepare: "${name}" expected integer >= ${least}, got ${value}.`);
}

function checkDays(name: string, value: number | undefined): void {
  if (value === undefined || (value > 0 && value < 1e6)) return;
  throw new RangeError(`prepare: "${name}" expected days > 0, got ${value}.`);
}

function checkMemoryLimit(value: string | undefined): void {
  if (value === undefined || /^[1-9]\d*(\.\d+)? ?([KMGT]i?B)$/i.test(value)) return;
  throw new RangeError(`prepare: "memoryLimit" expected a size such as 500MB or 4GB, got ${value}.`);
}
