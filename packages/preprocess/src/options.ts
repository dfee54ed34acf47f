import {
  anything,
  callback,
  checkOptions,
  flag,
  integer,
  type OptionChecks,
  oneOf,
  optionError,
  required,
  text,
} from '@gru4rec/checks';
import { type ItemColumnNames, itemColumnKeys } from '@gru4rec/dataset/items';
import { checkSplitOptions, type SplitOptions, splitChecks } from './split-options.ts';

const inputFormats = ['csv', 'tsv', 'jsonl', 'parquet', 'arrow'] as const;
export const timeUnits = ['s', 'ms', 'us', 'iso'] as const;

/** Format of an input file. */
export type InputFormat = (typeof inputFormats)[number];
/** Unit of the time column; `us` is microseconds, `iso` is ISO 8601, in UTC if there is no zone. */
export type TimeUnit = (typeof timeUnits)[number];

/** Input, columns, filters, splits and output of a dataset. */
export interface PrepareOptions extends SplitOptions {
  /** Files of events, or folders of them. Events of the same time are sorted by the order of the files. */
  readonly inputs: readonly string[];
  readonly output: string;
  /** Replaces an existing dataset. */
  readonly overwrite?: boolean | undefined;

  /**
   * Kept beside the dataset: Parquet, or as `readItemRows` of dataset/items reads. Its available items without training events
   * are items of the dataset too, last, in the order of the file, with support 0.
   */
  readonly items?: string | undefined;
  /** Columns of `items` whose names differ; without an id, the ids are in `id` or `item`. */
  readonly itemColumns?: ItemColumnNames | undefined;

  /** Detected by the content of each file if not given. */
  readonly format?: InputFormat | undefined;
  /** `SessionId` if not given. */
  readonly sessionColumn?: string | undefined;
  /** `ItemId` if not given. */
  readonly itemColumn?: string | undefined;
  /** `Time` if not given. */
  readonly timeColumn?: string | undefined;
  /** Replaces the session column: a user's events are cut into sessions at pauses of more than `sessionGapMs`. */
  readonly userColumn?: string | undefined;
  /** A longer pause starts a new session; 30 minutes if not given. */
  readonly sessionGapMs?: number | undefined;
  /** Column of event types, which the dataset keeps, as those of `contextColumns`. */
  readonly eventColumn?: string | undefined;
  /** Keeps only the events of these types; of all if not given. Requires `eventColumn`. */
  readonly eventTypes?: readonly string[] | undefined;
  /** Columns of clicks that the dataset keeps, the rarest of more than 1,000 values folded into one. */
  readonly contextColumns?: readonly string[] | undefined;
  /** JSON Lines with one session per line: the field that lists its events. */
  readonly eventsField?: string | undefined;
  /** Detected by the data if not given. */
  readonly timeUnit?: TimeUnit | undefined;
  /** `fail` at the first bad row (the default), or `skip` bad rows and list them; also those of `items`. */
  readonly onBadRow?: 'fail' | 'skip' | undefined;

  /**
   * Removes, before filters and splits, sessions whose last event is more than this before the time by which 99.9 % of all
   * sessions have ended, or before now if that is earlier. In `append`, those of the dataset too.
   */
  readonly keepMs?: number | undefined;
  /** Allows `keepMs` to remove more than half of the sessions. */
  readonly forceKeep?: boolean | undefined;
  /** Sessions with fewer events are removed; 2 if not given. */
  readonly minSessionLength?: number | undefined;
  /** Sessions with more events are removed. */
  readonly maxSessionLength?: number | undefined;
  /** Items with fewer events are removed; 1, which removes none, if not given. */
  readonly minItemSupport?: number | undefined;
  /** Keeps only the first of consecutive events of the same item. */
  readonly collapseRepeats?: boolean | undefined;

  /** In DuckDB's format, such as `4GB`. More data spills to a folder beside the output. */
  readonly memoryLimit?: string | undefined;
  readonly threads?: number | undefined;
  /** Runs the steps on Apache Spark, which reads Parquet only. Excludes `memoryLimit` and `threads`. */
  readonly spark?: SparkOptions | undefined;
  /** Called at the start of each step and about ten times per second. */
  readonly onProgress?: ((progress: PrepareProgress) => void) | undefined;
  /** Ends the running statement; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The Spark installation and cluster to use. The driver runs on this machine. */
export interface SparkOptions {
  /** Folder of Spark 3.5, with `bin/spark-sql`. */
  readonly home: string;
  /** In Spark's format: `local[*]`, `spark://host:7077`, `yarn`. */
  readonly master: string;
  /** With the same path on the driver and all workers; beside the output if not given. */
  readonly folder?: string | undefined;
  /** Settings of Spark, such as `spark.executor.memory`. */
  readonly conf?: Readonly<Record<string, string>> | undefined;
}

/** Options of `prepare` that `append` takes too. */
export const appendNames = [
  'inputs',
  'output',
  'items',
  'itemColumns',
  'format',
  'onBadRow',
  'keepMs',
  'forceKeep',
  'memoryLimit',
  'threads',
  'onProgress',
  'signal',
] as const;

/** The dataset's manifest has the options that shape the data. */
export interface AppendOptions extends Pick<PrepareOptions, (typeof appendNames)[number]> {
  /**
   * New sessions that start before the dataset's last one: `keep` inserts them in order of start, `drop` removes
   * them before any filter. Without it they are refused.
   */
  readonly lateSessions?: 'keep' | 'drop' | undefined;
}

/** A thousand years, so that every time that is computed with it is a date. */
const MOST_KEEP_MS = 1000 * 366 * 86_400_000;

export const prepareChecks: OptionChecks<PrepareOptions> = {
  ...splitChecks,
  inputs: required({
    expected: 'at least one file',
    fits: (value) => Array.isArray(value) && value.length > 0,
  }),
  output: required(text),
  overwrite: flag,
  items: text,
  itemColumns: {
    expected: `names of columns by key (${itemColumnKeys.join(', ')})`,
    fits: (value) =>
      Object.entries(Object(value)).every(
        ([key, name]) => itemColumnKeys.some((one) => one === key) && typeof name === 'string',
      ),
  },
  format: oneOf(inputFormats),
  sessionColumn: text,
  itemColumn: text,
  timeColumn: text,
  userColumn: text,
  eventColumn: text,
  sessionGapMs: integer(1),
  eventTypes: {
    expected: 'a list of strings',
    fits: (value) => Array.isArray(value) && value.every((type) => typeof type === 'string'),
  },
  contextColumns: {
    expected: 'a list of distinct column names',
    fits: (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((name) => typeof name === 'string' && name !== '') &&
      new Set(value).size === value.length,
  },
  eventsField: text,
  timeUnit: oneOf(timeUnits),
  onBadRow: oneOf(['fail', 'skip']),
  keepMs: { expected: 'a time above 0 of at most 1000 years', fits: integer(1, MOST_KEEP_MS).fits },
  forceKeep: flag,
  minSessionLength: integer(1),
  maxSessionLength: integer(1),
  minItemSupport: integer(1),
  collapseRepeats: flag,
  memoryLimit: {
    expected: 'a size such as 500MB or 4GB',
    fits: (value) => /^[1-9]\d*(\.\d+)? ?([KMGT]i?B)$/i.test(String(value)),
  },
  threads: integer(1),
  spark: anything,
  onProgress: callback,
  signal: anything,
};
const sparkChecks: OptionChecks<SparkOptions> = {
  home: required(text),
  master: required(text),
  folder: text,
  conf: anything,
};

export function checkAppend(options: AppendOptions): void {
  const checks = Object.fromEntries(appendNames.map((name) => [name, prepareChecks[name]]));
  checkOptions('append', options, {
    ...checks,
    lateSessions: oneOf(['keep', 'drop']),
  } as OptionChecks<AppendOptions>);
}

/** Progress of `prepare` or `append`. */
export interface PrepareProgress {
  readonly stage: 'read' | 'sort' | 'filter' | 'split' | 'write';
  /** The current file, filter or split. */
  readonly detail: string;
  /** Progress of the current step, from 0 to 1. */
  readonly fraction: number;
  /** From 0 to 1, estimated from measured times of the steps. */
  readonly total: number;
}

const defaults = {
  sessionColumn: 'SessionId',
  itemColumn: 'ItemId',
  timeColumn: 'Time',
  sessionGapMs: 1_800_000,
  onBadRow: 'fail',
  minSessionLength: 2,
  minItemSupport: 1,
  collapseRepeats: false,
} as const;
type Defaults = keyof typeof defaults;

export type CheckedOptions = PrepareOptions & {
  readonly [Name in Defaults]-?: NonNullable<PrepareOptions[Name]>;
};

export function checkPrepare(options: PrepareOptions): CheckedOptions {
  checkOptions('prepare', options, prepareChecks);
  if (options.spark !== undefined) checkOptions('prepare: spark', options.spark, sparkChecks);
  const missing = Object.entries(defaults).filter(([name]) => options[name as Defaults] === undefined);
  const checked = { ...options, ...Object.fromEntries(missing) } as CheckedOptions;
  checkCombinations(options);
  const { maxSessionLength } = options;
  const longEnough = { maxSessionLength: integer(checked.minSessionLength) };
  checkOptions<Pick<PrepareOptions, 'maxSessionLength'>>('prepare', { maxSessionLength }, longEnough);
  checkSplitOptions(options);
  return checked;
}

const alternatives: readonly (readonly (keyof PrepareOptions)[])[] = [
  ['userColumn', 'sessionColumn'],
  ['testDays', 'testFrom', 'testFraction', 'testInputs'],
  ['validationDays', 'validationFrom', 'validationFraction'],
  ['memoryLimit', 'spark'],
  ['threads', 'spark'],
];
const companions: readonly (readonly [keyof PrepareOptions, keyof PrepareOptions])[] = [
  ['sessionGapMs', 'userColumn'],
  ['itemColumns', 'items'],
  ['eventTypes', 'eventColumn'],
];

function checkCombinations(options: PrepareOptions): void {
  for (const names of alternatives) {
    const [option, remedy] = names.filter((name) => options[name] !== undefined);
    if (option === undefined || remedy === undefined) continue;
    throw contradiction(option, 'expected no other option with it, got both. Give only one', remedy);
  }
  for (const [option, remedy] of companions) {
    if (options[option] === undefined || options[remedy] !== undefined) continue;
    throw contradiction(option, 'expected another option with it, got none. Give both or neither', remedy);
  }
  const { eventsField, eventColumn, contextColumns = [] } = options;
  const format = options.format ?? (eventsField === undefined ? 'parquet' : 'jsonl');
  if (eventsField !== undefined && format !== 'jsonl') {
    throw contradiction(
      'eventsField',
      `expected format jsonl, got ${format}. Other formats have one event per row.`,
    );
  }
  if (options.spark !== undefined && format !== 'parquet') {
    throw contradiction(
      'format',
      `expected parquet with Spark, got ${format}. Convert the log to Parquet first (docs/spark.md).`,
    );
  }
  if (eventColumn !== undefined && contextColumns.includes(eventColumn)) {
    const got = JSON.stringify(eventColumn);
    throw contradiction(
      'contextColumns',
      `expected other columns than that of event types, got ${got}. The dataset keeps the types anyway.`,
    );
  }
}

function contradiction(
  option: keyof PrepareOptions,
  problem: string,
  remedy?: keyof PrepareOptions,
): TypeError {
  return optionError(TypeError, { caller: 'prepare', option, problem, remedy });
}
