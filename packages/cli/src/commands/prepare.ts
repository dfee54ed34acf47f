import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '@gru4rec/checks';
import { readItemChunks } from '@gru4rec/dataset';
import {
  type AppendReport,
  append,
  appendNames,
  type FunnelRow,
  type PrepareOptions,
  type PrepareReport,
  parseTime,
  prepare,
} from '@gru4rec/preprocess';
import { plainLines } from '@gru4rec/report/table';
import { expectLogs, lockOutput } from '../arguments/folders.ts';
import {
  ADVANCED,
  type ArgumentsOf,
  type Command,
  flag,
  itemColumnsOption,
  oneOf,
  parsed,
  parsedTexts,
  required,
  text,
  texts,
  under,
} from '../arguments/options.ts';
import { duration, namesByKey } from '../arguments/values.ts';
import { flagOf } from '../terminal/describe-error.ts';
import { leaveOnSignal } from '../terminal/leave-on-signal.ts';
import { printable } from '../terminal/printable.ts';
import { count, describeDataset, groupDigits, showPreparation } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';

export async function runPrepare(
  args: PrepareArguments,
  { stderr, directory }: Pick<Terminal, 'stderr' | 'directory'>,
): Promise<void> {
  const progress = showPreparation(stderr);
  const inFolder = (path: string) => resolve(directory, path);
  const started = performance.now();
  const options = {
    ...parsePrepareArguments(args, inFolder),
    onProgress: progress.show,
  };
  await checkArguments(args, options);
  const unlock = lockOutput(options.output, 'prepare', stderr);
  const stay = leaveOnSignal();
  const report = await prepareOrAppend(args, options).finally(() => {
    progress.stop();
    stay();
    unlock();
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  stderr.write(await warnOfOtherIds(report, options.output));
  stderr.write(describeReport(report, options.output, seconds));
}

async function checkArguments(args: PrepareArguments, options: PrepareOptions): Promise<void> {
  if (args.append) checkAppendable(options);
  else if (args.lateSessions !== undefined) {
    throw new UsageError('--late-sessions expected --append with it, got none');
  }
  for (const [at, file] of (options.testInputs ?? []).entries()) {
    if (options.spark !== undefined || existsSync(file)) continue;
    const forms = 'days (7d), a share (10%), a date (2026-05-01) or files of events';
    throw new UsageError(`--test expected ${forms}, got ${JSON.stringify(args.test?.[at])}`);
  }
  await expectLogs('--input', options.inputs);
  await expectLogs('--test', options.testInputs ?? []);
}

async function prepareOrAppend(args: PrepareArguments, options: PrepareOptions): Promise<MaybeAppended> {
  return args.append ? append({ ...options, lateSessions: args.lateSessions }) : prepare(options);
}

function describeReport(report: MaybeAppended, output: string, seconds: string): string {
  const { funnel, badRows, manifest, warnings } = report;
  const { items, splits } = manifest.counts;
  return [
    ...warnings.map((warning) => `Warning: ${printable(warning)}\n`),
    `${funnelTable(funnel)}\n`,
    badRows > 0 ? `${count(badRows, 'bad row')} skipped, listed in ${output}/bad-rows.tsv\n` : '',
    describeAppended(report),
    describeItemInfo(report),
    `${describeDataset(output, { items, coldItems: report.coldItems }, splits)}, in ${seconds} s\n`,
  ].join('');
}

/** If no item has both clicks and a row, with the first id of either: one may have leading zeros. */
export async function warnOfOtherIds(
  { itemInfo, coldItems, manifest }: MaybeAppended,
  output: string,
): Promise<string> {
  if (itemInfo === undefined || itemInfo.items > coldItems) return '';
  let [clicked, cold] = ['', ''];
  for await (const { itemIds, support } of readItemChunks(output, manifest)) {
    clicked ||= itemIds.at(support.findIndex((events) => events > 0)) ?? '';
    const first = support.indexOf(0);
    if (first >= 0) cold ||= itemIds.at(first) ?? '';
  }
  const such = (id: string, end = '') =>
    id === '' ? '' : `, such as ${JSON.stringify(printable(id))}${end}`;
  return `Warning: No row of --items is of an item with training clicks: compare its column id${such(cold, ',')} with the items of the log${such(clicked)}\n`;
}

function describeItemInfo({ itemInfo, manifest }: MaybeAppended): string {
  if (itemInfo === undefined) return '';
  const { items, unknown } = itemInfo;
  const others = unknown === 0 ? '' : `; ${count(unknown, 'row')} of items that the dataset lacks left out`;
  return `items file: ${count(items, 'row')} for ${count(manifest.counts.items, 'item')}${others}\n`;
}

type Columns = Pick<PrepareOptions, (typeof columnKeys)[keyof typeof columnKeys]>;

const columnKeys = {
  session: 'sessionColumn',
  item: 'itemColumn',
  time: 'timeColumn',
  user: 'userColumn',
  type: 'eventColumn',
  context: 'contextColumns',
  events: 'eventsField',
} as const;

export const options = {
  input: required(
    texts('Files of events, or folders of them: CSV, TSV, JSON Lines, Parquet or Arrow, optionally gzipped'),
  ),
  output: required(text('Folder of the dataset')),
  test: texts(
    'Sessions of the test split, by their end: those of the last days (7d), the latest share (10%), from a date (2026-05-01), or files of their events',
  ),
  validation: text('Days, share or date of the validation split, of the remaining sessions'),
  split: oneOf(
    ['temporal'],
    'A global temporal split: --test 10% --validation 10%; for evaluate --protocol last',
  ),
  items: text(
    'Titles and others of items, kept beside the dataset and its models: CSV, TSV, JSON Lines or Parquet with the columns id, title, group, …',
  ),
  overwrite: flag('Replace an existing dataset'),
  ...under('Columns and formats:', {
    columns: parsedTexts(
      'key=NAME …: columns of session (SessionId if not given), item (ItemId) and time (Time) of a click; of its user instead of its session, where sessions are cut at pauses; of its type and further context (several), which the dataset keeps; events, for JSON Lines with one session per line: the field that lists its events',
      parseColumns,
    ),
    'item-columns': itemColumnsOption,
    'time-unit': oneOf(
      ['s', 'ms', 'us', 'iso'],
      'Unit of times: seconds, milliseconds, microseconds or ISO 8601 (UTC without a zone); detected if not given',
    ),
    'event-types': texts('Event types to keep; all if not given'),
    'on-bad-row': oneOf(['fail', 'skip'], 'Stop at the first bad row, or skip bad rows and list them'),
  }),
  ...under('Sessions and filters:', {
    'session-gap': parsed(
      'A longer pause starts a new session: 90s, 30m, 1h; 30m if not given',
      duration('90s, 30m or 1h'),
    ),
    keep: parsed(
      'Remove sessions that ended longer than 90d, 12h or 30m before 99.9 % had ended, or before now; with --append, also of the dataset',
      duration('90d, 12h or 30m'),
    ),
    'force-keep': flag('Let --keep remove more than half of the sessions'),
    'session-length': parsed('Events of the sessions to keep: 2.. (if not given) or 2..200', sessionLength),
    'min-item-support': parsed(
      'Remove items with fewer events; 1 if not given, which removes none',
      positiveNumber,
    ),
    'collapse-repeats': flag('Keep only the first of consecutive events of the same item'),
  }),
  ...under('A new day:', {
    append: flag(
      'Add the sessions of --input to the training sessions of the dataset in --output, with the options of that dataset',
    ),
    'late-sessions': oneOf(
      ['keep', 'drop'],
      'With --append, for sessions that start before the last one of the dataset: insert (keep) or remove (drop) them; refused if not given',
    ),
  }),
  ...under(ADVANCED, {
    threads: parsed('Threads of DuckDB; all cores if not given', positiveNumber),
    'memory-limit': text('Memory of DuckDB, such as 4GB; more data spills to disk, beside the output'),
    spark: text(
      "Master of Apache Spark 3.5 (docs/spark.md), for Parquet: 'local[*]', spark://HOST:7077, yarn",
    ),
    'spark-folder': text(
      'Folder for Spark’s tables, with the same path on driver and workers; beside the output if not given',
    ),
  }),
};

type PrepareArguments = Partial<ArgumentsOf<typeof options>> &
  Pick<ArgumentsOf<typeof options>, 'input' | 'output'>;

export const command: Command = {
  usage: '$0 prepare --input FILE… --output DIR\n\nMakes a session dataset from a log of events.',
  options,
  examples: [
    '--input clicks.csv --test 1d --output data',
    '--input clicks.csv --test 10% --validation 10% --output data',
    '--input log.csv --columns user=visitor --session-gap 30m --output data',
    '--input clicks.csv --items products.csv --test 1d --output data',
    '--append --input today.csv --keep 90d --output data',
    "--input 'hdfs:///logs/2026/*.parquet' --spark yarn --spark-folder /nfs/tmp --output data",
  ],
  run: runPrepare,
};

function parsePrepareArguments(args: PrepareArguments, inFolder: (path: string) => string): PrepareOptions {
  const isUrl = (path: string) => args.spark !== undefined && /^[a-z][a-z0-9+.-]+:/i.test(path);
  const inPlace = (path: string) => (isUrl(path) ? path : inFolder(path));
  return {
    inputs: args.input.map(inPlace),
    ...(args.split ? temporalSplit(args) : testOf(args.test, inPlace)),
    ...validationOf(args.validation),
    output: inFolder(args.output),
    overwrite: args.overwrite || undefined,
    items: args.items && inFolder(args.items),
    itemColumns: args.itemColumns,
    ...args.columns,
    sessionGapMs: args.sessionGap,
    keepMs: args.keep,
    forceKeep: args.forceKeep || undefined,
    eventTypes: args.eventTypes,
    timeUnit: args.timeUnit,
    onBadRow: args.onBadRow,
    minSessionLength: args.sessionLength?.least,
    maxSessionLength: args.sessionLength?.most,
    minItemSupport: args.minItemSupport,
    collapseRepeats: args.collapseRepeats || undefined,
    memoryLimit: args.memoryLimit,
    threads: args.threads,
    spark: parseSpark(args, inFolder),
  };
}

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

function temporalSplit({ test, validation, append }: PrepareArguments) {
  const other = Object.entries({ test, validation, append }).find(([, value]) => value);
  if (other) throw new UsageError(`--split expected no --${other[0]} with it, got both`);
  return { testFraction: 0.1, validationFraction: 0.1 };
}

function validationOf(text: string | undefined) {
  if (text === undefined) return {};
  const cut = cutOf(text);
  if (cut) return { validationDays: cut.days, validationFraction: cut.fraction, validationFrom: cut.from };
  throw new UsageError(
    `--validation expected days (7d), a share (10%) or a date (2026-05-01), got ${JSON.stringify(text)}`,
  );
}

function sessionLength(text: string, label: string): { least: number; most: number | undefined } {
  const [, least, most] = /^(\d+)\.\.(\d+)?$/.exec(text) ?? [];
  if (least !== undefined)
    return { least: Number(least), most: most === undefined ? undefined : Number(most) };
  throw new UsageError(
    `${label} expected 2.. or 2..200, the events of the sessions to keep, got ${JSON.stringify(text)}`,
  );
}

export type ColumnsByKey = Partial<Record<keyof Omit<typeof columnKeys, 'context'>, string>> & {
  readonly context?: readonly string[] | undefined;
};

export const columnsByKey = (texts: readonly string[], label: string): ColumnsByKey =>
  namesByKey(Object.keys(columnKeys))(texts, label);

function parseColumns(texts: readonly string[], label: string): Columns {
  const named = Object.entries(columnsByKey(texts, label)) as [keyof typeof columnKeys, string][];
  return Object.fromEntries(named.map(([key, column]) => [columnKeys[key], column]));
}

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

function positiveNumber(text: string, label: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new UsageError(`${label} expected a positive number, got ${JSON.stringify(text)}`);
}

function checkAppendable(options: PrepareOptions): void {
  const other = Object.entries(options).find(
    ([name, value]) => value !== undefined && !(appendNames as readonly string[]).includes(name),
  );
  if (other === undefined) return;
  const flag = flagOf(other[0]);
  throw new UsageError(
    `--append expected no ${flag} with it: new sessions are made with the options of the dataset. Omit ${flag}`,
  );
}

type MaybeAppended = PrepareReport & Partial<Pick<AppendReport, 'added' | 'heldOut' | 'removed'>>;

function describeAppended({ added, heldOut = [], removed = {}, keptFrom }: MaybeAppended): string {
  if (added === undefined) return '';
  const { sessions, events, items } = added;
  const lines = heldOut.map(({ name, isOlder }) => {
    const what = removed[name] ? 'has no new sessions' : 'is unchanged';
    return `${name} ${what}${isOlder ? ', and older than new training sessions' : ''}`;
  });
  const first = `added ${count(sessions, 'session')} of ${count(events, 'event')}, ${count(items, 'new item')}`;
  const left = Object.entries(removed).map(
    ([name, lost]) =>
      `removed ${count(lost, 'session')} of ${name} that ended before ${new Date(keptFrom ?? 0).toISOString()}`,
  );
  return [first, ...left, ...lines, ''].join('\n');
}

function funnelTable(funnel: readonly FunnelRow[]): string {
  const counts = ['events', 'sessions', 'items'].map((head) => ({ head, format: groupDigits }));
  return plainLines({
    columns: [{ head: 'split' }, { head: 'step', align: 'left' }, ...counts, { head: 'removed events' }],
    rows: funnel.map(({ split, step, events, sessions, items, removedEvents }) => [
      ...[split, printable(step), events, sessions ?? '–', items],
      removedEvents === 0 ? '' : groupDigits(removedEvents),
    ]),
  });
}
