import { UsageError } from '@gru4rec/checked-options';
import type { PrepareOptions } from '@gru4rec/preprocess';
import type { Argv, Options } from 'yargs';
import { ADVANCED } from './options.ts';
import { pathForSpark, type SparkArguments } from './spark-arguments.ts';
import { once, parseDuration, parseSize } from './values.ts';

/** The arguments of `prepare`, as yargs passes them. */
export interface PrepareArguments extends SparkArguments {
  readonly input: readonly string[];
  readonly testInput?: readonly string[];
  readonly output: string;
  readonly overwrite?: boolean;
  readonly items?: string;
  readonly itemsIdColumn?: string;
  readonly append?: boolean;
  readonly lateSessions?: 'keep' | 'drop';
  readonly format?: string;
  readonly sessionColumn?: string;
  readonly itemColumn?: string;
  readonly timeColumn?: string;
  readonly userColumn?: string;
  readonly sessionGap?: string;
  readonly keep?: string;
  readonly forceKeep?: boolean;
  readonly eventColumn?: string;
  readonly eventTypes?: readonly string[];
  readonly contextColumns?: readonly string[];
  readonly eventsField?: string;
  readonly timeUnit?: string;
  readonly onBadRow?: string;
  readonly minSessionLength?: string;
  readonly maxSessionLength?: string;
  readonly minItemSupport?: string;
  readonly filterUntilStable?: boolean;
  readonly collapseRepeats?: boolean;
  readonly testDays?: string;
  readonly testEnd?: string;
  readonly testFrom?: string;
  readonly testFraction?: string;
  readonly validationDays?: string;
  readonly validationFrom?: string;
  readonly validationFraction?: string;
  readonly compression?: string;
  readonly memoryLimit?: string;
  readonly threads?: string;
  readonly maxUnpacked?: string;
}

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
const splitting = 'More about splits:';
const appending = 'A new day:';

function grouped(group: string | undefined, options: Record<string, Options>): Record<string, Options> {
  const withGroup = Object.entries(options).map(([name, option]) => {
    const isOneText = option.type === 'string' && option.array !== true;
    const heading = group === undefined ? {} : { group };
    return [name, { ...heading, ...option, ...(isOneText && { coerce: once(name) }) }];
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
    'test-days': text('Number of last days whose sessions, by their end, become the test split'),
    'validation-days': text('Number of last days for the validation split, of the remaining sessions'),
    'test-fraction': text('Share of sessions for the test split, the latest by their end: 10%'),
    'validation-fraction': text('Share of all sessions for the validation split, the latest others'),
    items: text(
      'Titles and others of items, kept beside the dataset and its models: CSV, TSV, JSON Lines or Parquet with the columns id, title, group, …',
    ),
    overwrite: flag('Replace an existing dataset'),
  }),
  ...grouped(columns, {
    'session-column': text('Column of session ids; SessionId if not given'),
    'item-column': text('Column of item ids; ItemId if not given'),
    'time-column': text('Column of times; Time if not given'),
    'time-unit': text(
      'Unit of times: seconds, milliseconds or ISO 8601 (UTC without a zone); detected if not given',
      {
        choices: ['s', 'ms', 'iso'],
      },
    ),
    format: text('Format of the input; detected by its content if not given', {
      choices: ['csv', 'tsv', 'jsonl', 'parquet', 'arrow'],
    }),
    'event-column': text('Column of event types, which the dataset keeps'),
    'event-types': texts('Event types to keep; all if not given'),
    'context-columns': texts('Further columns of clicks to keep, such as of devices'),
    'items-id-column': text('Column of item ids in the file of --items; id or item if not given'),
    'events-field': text('JSON Lines with one session per line: the field that lists its events'),
    'on-bad-row': text('Stop at the first bad row, or skip bad rows and list them', {
      choices: ['fail', 'skip'],
    }),
  }),
  ...grouped(cutting, {
    'user-column': text('Column of user ids instead of session ids: sessions are cut at pauses'),
    'session-gap': text('A longer pause starts a new session: 90s, 30m, 1h; 30m if not given'),
    keep: text(
      'Remove sessions that ended longer than 90d, 12h or 30m before 99.9 % had ended, or before now; with --append, also of the dataset',
    ),
    'force-keep': flag('Let --keep remove more than half of the sessions'),
    'min-session-length': text('Remove shorter sessions; 2 if not given'),
    'max-session-length': text('Remove longer sessions'),
    'min-item-support': text('Remove items with fewer events; 1 if not given, which removes none'),
    'filter-until-stable': flag('Repeat the filters until they remove nothing more'),
    'collapse-repeats': flag('Keep only the first of consecutive events of the same item'),
  }),
  ...grouped(splitting, {
    'test-input': texts('Files or folders of test events'),
    'test-end': text(
      'Where --test-days counts from: the last event (the default), or the time by which 99.9 % of the events lie',
      { choices: ['last', 'bulk'] },
    ),
    'test-from': text(
      'Date, such as 2026-05-01 or 2026-05-01T12:00Z, from which sessions, by their end, are the test split',
    ),
    'validation-from': text('The same date for the validation split, of the remaining sessions'),
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
    compression: text('Compression of the dataset’s files; none if not given', {
      choices: ['none', 'lz4', 'zstd'],
    }),
    threads: text('Threads of DuckDB; all cores if not given'),
    'memory-limit': text('Memory of DuckDB, such as 4GB; more data spills to disk, beside the output'),
    'max-unpacked': text(
      'Maximum unpacked size of a gzip file, such as 50GB; if not given, 100 times its size, and at least 1 GiB',
    ),
    backend: text('DuckDB in this process (the default), or Apache Spark 3.5, for Parquet (docs/spark.md)', {
      choices: ['duckdb', 'spark'],
    }),
    'spark-master': text("Spark’s master: 'local[*]', spark://HOST:7077, yarn"),
    'spark-home': text('Folder of Spark, with bin/spark-sql; SPARK_HOME if not given'),
    'spark-folder': text(
      'Folder for Spark’s tables, with the same path on driver and workers; beside the output if not given',
    ),
    'spark-conf': texts('Settings of Spark, such as spark.executor.memory=8g'),
  }),
};

/** The options of `prepare` that say how to read a log. */
export const logOptions: Readonly<Record<string, Options>> = Object.fromEntries(
  [
    ...['session-column', 'item-column', 'time-column', 'time-unit', 'format', 'event-column', 'event-types'],
    ...['context-columns', 'events-field', 'on-bad-row', 'user-column', 'session-gap', 'collapse-repeats'],
  ].map((name) => [name, { ...options[name], group: columns }]),
);

/** Adds the options of `prepare`. */
export function withPrepareOptions(yargs: Argv): Argv<PrepareArguments> {
  return yargs
    .usage('$0 prepare --input FILE… --output DIR\n\nMakes a session dataset from a log of events.')
    .options(options)
    .example('$0 prepare --input clicks.csv --test-days 1 --output data', '')
    .example('$0 prepare --input clicks.csv --test-fraction 10% --validation-fraction 10% --output data', '')
    .example('$0 prepare --input log.csv --user-column user --session-gap 30m --output data', '')
    .example('$0 prepare --input clicks.csv --items products.csv --test-days 1 --output data', '')
    .example('$0 prepare --append --input today.csv --keep 90d --output data', '')
    .example(
      "$0 prepare --input 'hdfs:///logs/2026/*.parquet' --backend spark --spark-master yarn --spark-folder /nfs/tmp --output data",
      '',
    ) as never;
}

/** Replaces the names of options by those of the command line: `--test-days` for `"testDays"`. */
export function withFlags(message: string): string {
  const others: Record<string, string> = {
    inputs: 'input',
    testInputs: 'test-input',
    sessionGapMs: 'session-gap',
    keepMs: 'keep',
    maxUnpackedBytes: 'max-unpacked',
    spark: 'backend',
  };
  return message.replace(/"(\w+)"|\b[a-z]+[A-Z]\w*\b/g, (found, quoted: string | undefined) => {
    const name = quoted ?? found;
    const flag = others[name] ?? name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return Object.hasOwn(options, flag) ? `--${flag}` : found;
  });
}

/**
 * Converts arguments to options of `prepare`, except those of Spark.
 *
 * @param inFolder - makes a path absolute.
 * @throws UsageError if a value is out of range.
 */
export function parsePrepareArguments(
  args: PrepareArguments,
  inFolder: (path: string) => string,
): PrepareOptions {
  const inPlace = args.backend === 'spark' ? (path: string) => pathForSpark(path, inFolder) : inFolder;
  return {
    inputs: args.input.map(inPlace),
    testInputs: args.testInput?.map(inPlace),
    output: inFolder(args.output),
    overwrite: args.overwrite,
    items: args.items === undefined ? undefined : inFolder(args.items),
    itemsIdColumn: args.itemsIdColumn,
    // yargs has checked the values of `choices`; `prepare` checks them again.
    format: args.format as PrepareOptions['format'],
    sessionColumn: args.sessionColumn,
    itemColumn: args.itemColumn,
    timeColumn: args.timeColumn,
    userColumn: args.userColumn,
    sessionGapMs:
      args.sessionGap === undefined
        ? undefined
        : parseDuration('session-gap', args.sessionGap, '90s, 30m or 1h'),
    keepMs: args.keep === undefined ? undefined : parseDuration('keep', args.keep, '90d, 12h or 30m'),
    forceKeep: args.forceKeep,
    eventColumn: args.eventColumn,
    eventTypes: args.eventTypes,
    contextColumns: args.contextColumns,
    eventsField: args.eventsField,
    compression: args.compression as PrepareOptions['compression'],
    timeUnit: args.timeUnit as PrepareOptions['timeUnit'],
    onBadRow: args.onBadRow as PrepareOptions['onBadRow'],
    minSessionLength: parseNumber('min-session-length', args.minSessionLength),
    maxSessionLength: parseNumber('max-session-length', args.maxSessionLength),
    minItemSupport: parseNumber('min-item-support', args.minItemSupport),
    filterUntilStable: args.filterUntilStable,
    collapseRepeats: args.collapseRepeats,
    testDays: parseNumber('test-days', args.testDays),
    testEnd: args.testEnd as PrepareOptions['testEnd'],
    testFrom: args.testFrom,
    testFraction: parseShare('test-fraction', args.testFraction),
    validationDays: parseNumber('validation-days', args.validationDays),
    validationFrom: args.validationFrom,
    validationFraction: parseShare('validation-fraction', args.validationFraction),
    memoryLimit: args.memoryLimit,
    threads: parseNumber('threads', args.threads),
    maxUnpackedBytes:
      args.maxUnpacked === undefined ? undefined : parseSize('max-unpacked', args.maxUnpacked),
  };
}

function parseNumber(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value);
  throw new UsageError(`--${name} expected a positive number, got ${JSON.stringify(value)}`);
}

/** A share: `10%` or `0.1`. */
function parseShare(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const [, amount, percent] = /^(\d+(?:\.\d+)?) ?(%)?$/.exec(value) ?? [];
  const share = amount === undefined ? Number.NaN : Number(amount) / (percent ? 100 : 1);
  if (share > 0 && share < 1) return share;
  throw new UsageError(`--${name} expected a share such as 10% or 0.1, got ${JSON.stringify(value)}`);
}
