import { didYouMean, UsageError } from '@gru4rec/checked-options';
import { type PrepareOptions, parseTime } from '@gru4rec/preprocess';
import type { Argv, Options } from 'yargs';
import { ADVANCED } from './options.ts';
import { once, parseDuration } from './values.ts';

/** The arguments of `prepare`, as yargs passes them. */
export interface PrepareArguments {
  readonly input: readonly string[];
  readonly test?: readonly string[];
  readonly validation?: string;
  readonly output: string;
  readonly overwrite?: boolean;
  readonly items?: string;
  readonly itemsIdColumn?: string;
  readonly append?: boolean;
  readonly lateSessions?: 'keep' | 'drop';
  readonly columns?: Columns;
  readonly sessionGap?: string;
  readonly keep?: string;
  readonly forceKeep?: boolean;
  readonly eventTypes?: readonly string[];
  readonly timeUnit?: string;
  readonly onBadRow?: string;
  readonly sessionLength?: { readonly least: number; readonly most: number | undefined };
  readonly minItemSupport?: string;
  readonly collapseRepeats?: boolean;
  readonly memoryLimit?: string;
  readonly threads?: string;
  readonly spark?: string;
  readonly sparkFolder?: string;
}

/** The options of `prepare` that name columns. */
type Columns = Pick<PrepareOptions, (typeof columnKeys)[keyof typeof columnKeys]>;

/** Keys of `--columns`. */
const columnKeys = {
  session: 'sessionColumn',
  item: 'itemColumn',
  time: 'timeColumn',
  user: 'userColumn',
  type: 'eventColumn',
  context: 'contextColumns',
  events: 'eventsField',
} as const;

/** A text; numbers stay texts too. */
function text(describe: string, more: Options = {}): Options {
  return { type: 'string', requiresArg: true, describe, ...more };
}

function texts(describe: string, more: Options = {}): Options {
  return { type: 'string', array: true, requiresArg: true, describe, ...more };
}

function flag(describe: string): Options {
  return { type: 'boolean', describe };
}

const columns = 'Columns and formats:';
const cutting = 'Sessions and filters:';
const appending = 'A new day:';

function grouped(group: string | undefined, options: Record<string, Options>): Record<string, Options> {
  const withGroup = Object.entries(options).map(([name, option]) => {
    const isOneText = option.type === 'string' && option.array !== true;
    const heading = group === undefined ? {} : { group };
    return [name, { ...heading, ...(isOneText && { coerce: once(name) }), ...option }];
  });
  return Object.fromEntries(withGroup);
}

const options: Record<string, Options> = {
  ...grouped(undefined, {
    input: texts(
      'Files of events, or folders of them: CSV, TSV, JSON Lines, Parquet or Arrow, optionally gzipped',
      {
        demandOption: true,
      },
    ),
    output: text('Folder of the dataset', { demandOption: true }),
    test: texts(
      'Sessions of the test split, by their end: those of the last days (7d), the latest share (10%), from a date (2026-05-01), or files of their events',
    ),
    validation: text('Days, share or date of the validation split, of the remaining sessions'),
    items: text(
      'Titles and others of items, kept beside the dataset and its models: CSV, TSV, JSON Lines or Parquet with the columns id, title, group, …',
    ),
    overwrite: flag('Replace an existing dataset'),
  }),
  ...grouped(columns, {
    columns: texts(
      'key=NAME …: columns of session (SessionId if not given), item (ItemId) and time (Time) of a click; of its user instead of its session, where sessions are cut at pauses; of its type and further context (several), which the dataset keeps; events, for JSON Lines with one session per line: the field that lists its events',
      { coerce: parseColumns },
    ),
    'items-id-column': text('Column of item ids in the file of --items; id or item if not given'),
    'time-unit': text(
      'Unit of times: seconds, milliseconds or ISO 8601 (UTC without a zone); detected if not given',
      {
        choices: ['s', 'ms', 'iso'],
      },
    ),
    'event-types': texts('Event types to keep; all if not given'),
    'on-bad-row': text('Stop at the first bad row, or skip bad rows and list them', {
      choices: ['fail', 'skip'],
    }),
  }),
  ...grouped(cutting, {
    'session-gap': text('A longer pause starts a new session: 90s, 30m, 1h; 30m if not given'),
    keep: text(
      'Remove sessions that ended longer than 90d, 12h or 30m before 99.9 % had ended, or before now; with --append, also of the dataset',
    ),
    'force-keep': flag('Let --keep remove more than half of the sessions'),
    'session-length': text('Events of the sessions to keep: 2.. (if not given) or 2..200', {
      coerce: sessionLength,
    }),
    'min-item-support': text('Remove items with fewer events; 1 if not given, which removes none'),
    'collapse-repeats': flag('Keep only the first of consecutive events of the same item'),
  }),
  ...grouped(appending, {
    append: flag(
      'Add the sessions of --input to the training sessions of the dataset in --output, with the options of that dataset',
    ),
    'late-sessions': text(
      'With --append, for sessions that start before the last one of the dataset: insert (keep) or remove (drop) them; refused if not given',
      { choices: ['keep', 'drop'] },
    ),
  }),
  ...grouped(ADVANCED, {
    threads: text('Threads of DuckDB; all cores if not given'),
    'memory-limit': text('Memory of DuckDB, such as 4GB; more data spills to disk, beside the output'),
    spark: text(
      "Master of Apache Spark 3.5 (docs/spark.md), for Parquet: 'local[*]', spark://HOST:7077, yarn",
    ),
    'spark-folder': text(
      'Folder for Spark’s tables, with the same path on driver and workers; beside the output if not given',
    ),
  }),
};

/** Adds the options of `prepare`. */
export function withPrepareOptions(yargs: Argv): Argv<PrepareArguments> {
  return yargs
    .usage('$0 prepare --input FILE… --output DIR\n\nMakes a session dataset from a log of events.')
    .options(options)
    .example('$0 prepare --input clicks.csv --test 1d --output data', '')
    .example('$0 prepare --input clicks.csv --test 10% --validation 10% --output data', '')
    .example('$0 prepare --input log.csv --columns user=visitor --session-gap 30m --output data', '')
    .example('$0 prepare --input clicks.csv --items products.csv --test 1d --output data', '')
    .example('$0 prepare --append --input today.csv --keep 90d --output data', '')
    .example(
      "$0 prepare --input 'hdfs:///logs/2026/*.parquet' --spark yarn --spark-folder /nfs/tmp --output data",
      '',
    ) as never;
}

/**
 * Converts arguments to options of `prepare`.
 *
 * @param inFolder - makes a path absolute.
 * @throws UsageError if a value is out of range.
 */
export function parsePrepareArguments(
  args: PrepareArguments,
  inFolder: (path: string) => string,
): PrepareOptions {
  const isUrl = (path: string) => args.spark !== undefined && /^[a-z][a-z0-9+.-]+:/i.test(path);
  const inPlace = (path: string) => (isUrl(path) ? path : inFolder(path));
  return {
    inputs: args.input.map(inPlace),
    ...testOf(args.test, inPlace),
    ...validationOf(args.validation),
    output: inFolder(args.output),
    overwrite: args.overwrite,
    items: args.items === undefined ? undefined : inFolder(args.items),
    itemsIdColumn: args.itemsIdColumn,
    ...args.columns,
    sessionGapMs:
      args.sessionGap === undefined
        ? undefined
        : parseDuration('session-gap', args.sessionGap, '90s, 30m or 1h'),
    keepMs: args.keep === undefined ? undefined : parseDuration('keep', args.keep, '90d, 12h or 30m'),
    forceKeep: args.forceKeep,
    eventTypes: args.eventTypes,
    // yargs has checked the values of `choices`; `prepare` checks them again.
    timeUnit: args.timeUnit as PrepareOptions['timeUnit'],
    onBadRow: args.onBadRow as PrepareOptions['onBadRow'],
    minSessionLength: args.sessionLength?.least,
    maxSessionLength: args.sessionLength?.most,
    minItemSupport: parseNumber('min-item-support', args.minItemSupport),
    collapseRepeats: args.collapseRepeats,
    memoryLimit: args.memoryLimit,
    threads: parseNumber('threads', args.threads),
    spark: parseSpark(args, inFolder),
  };
}

/** Days, a share or a date; undefined if the text is none of them. */
function cutOf(text: string): { days?: number; fraction?: number; from?: string } | undefined {
  const [, number = '', unit] = /^(\d+(?:\.\d+)?)(d|%)$/.exec(text) ?? [];
  if (unit === 'd') return { days: Number(number) };
  if (unit === '%') return { fraction: Number(number) / 100 };
  return parseTime(text) === undefined ? undefined : { from: text };
}

function testOf(texts: readonly string[] | undefined, inPlace: (path: string) => string) {
  const [text = ''] = texts ?? [];
  const cut = texts?.length === 1 ? cutOf(text) : undefined;
  if (!cut) return { testInputs: texts?.map(inPlace) };
  return { testDays: cut.days, testFraction: cut.fraction, testFrom: cut.from };
}

function validationOf(text: string | undefined) {
  if (text === undefined) return {};
  const cut = cutOf(text);
  if (cut) return { validationDays: cut.days, validationFraction: cut.fraction, validationFrom: cut.from };
  throw new UsageError(
    `--validation expected days (7d), a share (10%) or a date (2026-05-01), got ${JSON.stringify(text)}`,
  );
}

/** `2..` or `2..200`. */
function sessionLength(value: unknown): PrepareArguments['sessionLength'] {
  if (value === undefined) return undefined;
  const text = once('session-length')(value);
  const [, least, most] = /^(\d+)\.\.(\d+)?$/.exec(text) ?? [];
  if (least !== undefined)
    return { least: Number(least), most: most === undefined ? undefined : Number(most) };
  throw new UsageError(
    `--session-length expected 2.. or 2..200, the events of the sessions to keep, got ${JSON.stringify(text)}`,
  );
}

function parseColumns(texts: readonly string[] | undefined): Columns | undefined {
  const columns: Record<string, string | string[]> = {};
  for (const text of texts ?? []) {
    const [, key = '', name = ''] = /^(\w+)=(.+)$/s.exec(text) ?? [];
    const option = Object.hasOwn(columnKeys, key) ? columnKeys[key as keyof typeof columnKeys] : undefined;
    if (option === undefined) {
      const keys = Object.keys(columnKeys);
      throw new UsageError(
        `${didYouMean([key], keys)}--columns expected key=NAME with a key of ${keys.join(', ')}, got ${JSON.stringify(text)}`,
      );
    }
    if (option === 'contextColumns') columns[option] = [...(columns[option] ?? []), name];
    else if (columns[option] === undefined) columns[option] = name;
    else throw new UsageError(`--columns expected each key once, got ${key} twice`);
  }
  return texts && columns;
}

/** The options of Spark; undefined for DuckDB. */
function parseSpark(
  { spark: master, sparkFolder }: PrepareArguments,
  inFolder: (path: string) => string,
): PrepareOptions['spark'] {
  if (master === undefined && sparkFolder === undefined) return undefined;
  if (master === undefined) throw new UsageError('--spark-folder expected --spark with it, got none');
  const home = process.env['SPARK_HOME'];
  if (!home) throw new UsageError('--spark expected the folder of Spark in SPARK_HOME, got none');
  return { master, home: inFolder(home), folder: sparkFolder && inFolder(sparkFolder) };
}

function parseNumber(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value);
  throw new UsageError(`--${name} expected a positive number, got ${JSON.stringify(value)}`);
}
