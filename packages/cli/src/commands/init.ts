import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { show, showNames, UsageError } from '@gru4rec/checks';
import type { ItemColumnNames } from '@gru4rec/dataset/items';
import { replaceFile } from '@gru4rec/durable-files';
import { itemRowsIn, type LogSample, type PrepareOptions, prepare, sampleLog } from '@gru4rec/preprocess';
import {
  type ArgumentsOf,
  argument,
  type Command,
  flag,
  itemColumnsOption,
  parsedTexts,
  required,
  text,
  texts,
} from '../arguments/options.ts';
import { readDataset, readItemInfoOfData } from '../arguments/read-inputs.ts';
import { columnAdvice, describeColumns, describeContext, describeItems } from '../inspecting/columns.ts';
import { repeats } from '../inspecting/figures.ts';
import { PROJECT_FILE } from '../project/find.ts';
import {
  type FoundRoles,
  guessColumns,
  guessItemColumns,
  ISO_TIME,
  PURCHASES,
} from '../project/guess-columns.ts';
import { commandLine, programName } from '../terminal/invocation.ts';
import { printableStart, tick } from '../terminal/printable.ts';
import { count, groupDigits } from '../terminal/progress.ts';
import { plainTable } from '../terminal/tables.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type ColumnsByKey, columnsByKey, options as ofPrepare, warnOfOtherIds } from './prepare.ts';

const options = {
  log: argument('LOG', required(text('File of events, or a folder of them, as prepare reads them'))),
  items: ofPrepare.items,
  overwrite: flag(`Replace an earlier ${PROJECT_FILE}`),
  columns: parsedTexts('key=NAME …: columns as prepare has them; guessed if not given', columnsByKey),
  'item-columns': {
    ...itemColumnsOption,
    describe: 'key=NAME …: columns of the file of --items, as prepare has them; guessed if not given',
  },
  'time-unit': ofPrepare['time-unit'],
  'event-types': ofPrepare['event-types'],
  test: texts('Test split, as prepare has it; 1d if the log has ten days, else 10%'),
};
type Arguments = ArgumentsOf<typeof options>;
const LONG_DAYS = 10;

export const command: Command = {
  usage: `$0 init LOG [options]\n\nReads a sample of a log, says what it has and what will hurt, and writes ${PROJECT_FILE}, from which the other commands take their options.`,
  options,
  examples: ['clicks.csv', 'clicks.csv --items products.csv', 'log.parquet --columns user=who item=what'],
  run: runInit,
};

async function runInit(args: Arguments, { directory, stdout, stderr }: Terminal): Promise<void> {
  const file = resolve(directory, PROJECT_FILE);
  if (existsSync(file) && !args.overwrite) {
    throw new UsageError(`${file} exists already: replace it with --overwrite`);
  }
  const { log, timeUnit, eventTypes } = args;
  const inFolder = (path: string) => relative(directory, resolve(directory, path)) || '.';
  const { events, context, ...given } = args.columns ?? ({} as ColumnsByKey);
  const sample = await sampleLog([resolve(directory, log)], events);
  expectColumns(sample, [...Object.values(given), ...(context ?? [])], log);
  const { roles, note } = guessColumns(sample, given, timeUnit);
  const items = args.items && resolve(directory, args.items);
  const itemColumns =
    items === undefined ? undefined : await findItemColumns(sample, roles.item, items, args.itemColumns);
  const survey = await readSample(sample, roles, { timeUnit, eventTypes, items, itemColumns });

  // A type that all clicks have says nothing.
  const type = (given.type ?? eventTypes ?? survey.types[1]) ? roles.type : undefined;
  const days = survey.days / (sample.files === 1 ? sample.share : 1);
  const test = args.test ?? (days >= LONG_DAYS ? '1d' : '10%');
  const badRows = survey.badRows > 0 ? { 'on-bad-row': 'skip' } : {};
  const content = {
    $schema: './node_modules/gru4rec/schemas/project.json',
    log: inFolder(log),
    columns: { ...roles, type, events: sample.events, context },
    items: args.items && inFolder(args.items),
    itemColumns,
    prepare: { test, 'time-unit': timeUnit, 'event-types': eventTypes, ...badRows },
  };
  stdout.write(`${[...facts(sample, roles, survey), ...survey.ofItems, ...survey.advice].join('\n')}\n\n`);
  const names = [roles.session ?? roles.user ?? '', roles.item, roles.time, roles.type ?? []].flat();
  const proof = [names, ...sample.rows.slice(0, 3).map((row) => names.map((name) => row[name] ?? ''))];
  const [head = [], ...lines] = proof.map((cells) => cells.map((cell) => printableStart(cell, 40)));
  stdout.write(`${plainTable(head, lines, [0, 1, 2, 3])}\n\n`);
  const warnings = [note ?? [], warningsOf(survey)].flat();
  stderr.write(warnings.map((warning) => `Warning: ${warning}\n`).join('') + survey.otherIds);
  await replaceFile(file, [Buffer.from(`${JSON.stringify(content, null, 2)}\n`)]);
  stdout.write(`${PROJECT_FILE} is written. Next: ${commandLine(['prepare'], programName())}\n`);
}

function expectColumns({ columns, rows }: LogSample, given: readonly string[], log: string): void {
  if (rows.length === 0) throw new UsageError(`${log} expected clicks, got none`);
  const names = showNames(columns, show);
  if (given.length === 0 && columns.every((name) => /^[\d\s.:;TZ+-]*$/.test(name))) {
    const known = columns.length === 4 ? ', of YOOCHOOSE session_id,timestamp,item_id,category' : '';
    throw new UsageError(
      `${log} expected names of columns in its first line, got ${names}: add them${known}`,
    );
  }
  const missing = given.find((name) => !columns.includes(name));
  if (missing === undefined) return;
  throw new UsageError(`--columns expected columns of ${log}, which are ${names}, got ${show(missing)}`);
}

/** The columns of an items file: of ids, the one that has the most items of the log. */
async function findItemColumns(
  { rows }: LogSample,
  itemColumn: string,
  items: string,
  named: ItemColumnNames = {},
): Promise<ItemColumnNames> {
  const clicked = new Set(rows.map((row) => row[itemColumn]));
  const file = await sampleLog([items]);
  const names = ['id', 'item', itemColumn].filter((name) => file.columns.includes(name));
  const matches = (name: string) =>
    new Set(file.rows.flatMap((row) => (clicked.has(row[name]) ? (row[name] ?? []) : []))).size;
  const [best = 'id'] = [...names, ...file.columns].sort((a, b) => matches(b) - matches(a));
  const { id = best } = named;
  return { ...guessItemColumns(file, [id, ...Object.values(named)]), ...named, id };
}

async function* infosOf(items: string, columns: ItemColumnNames | undefined) {
  for await (const { info } of itemRowsIn(items, { columns, onBadRow: () => {} })) yield info;
}

type Found = Awaited<ReturnType<typeof readSample>>;

/** What the rows are as a dataset, by the rules of `prepare`. */
async function readSample(
  { rows }: LogSample,
  { session, user, item, time, type }: FoundRoles,
  options: Pick<PrepareOptions, 'timeUnit' | 'eventTypes' | 'items' | 'itemColumns'>,
) {
  const folder = await mkdtemp(join(tmpdir(), 'gru4rec-init-'));
  const [input, output] = [join(folder, 'sample.jsonl'), join(folder, 'data')];
  try {
    const lines = rows.map((row) => `${JSON.stringify(row)}\n`);
    await writeFile(input, lines);
    const ids = session === undefined ? { userColumn: user } : { sessionColumn: session };
    const columns = { ...ids, itemColumn: item, timeColumn: time, eventColumn: type };
    const rules = { onBadRow: 'skip', minSessionLength: 1 } as const;
    const report = await prepare({ ...options, ...columns, ...rules, inputs: [input], output });
    const { train, support, contextColumns = [], ...data } = await readDataset(output);
    const info = await readItemInfoOfData(output, data);
    const times = train.times.toSorted();
    // Without the thousandth at either end, which may be wrong.
    const at = (share: number) => Number(times[Math.round(share * (times.length - 1))]);
    return {
      clicks: times.length,
      sessions: train.sessionOffsets.length - 1,
      badRows: report.badRows,
      items: support.filter((clicks) => clicks > 0).length,
      timeUnit: report.timeUnit,
      days: (at(0.999) - at(0.001)) / 86_400_000,
      hasOneTime: times[0] === times.at(-1),
      repeats: repeats(train).justBefore,
      types: describeContext(contextColumns, train)[0]?.values ?? [],
      advice: info ? columnAdvice(describeColumns(info, support, train)) : [],
      ofItems: options.items
        ? await describeItems(infosOf(options.items, options.itemColumns), options.itemColumns)
        : [],
      otherIds: await warnOfOtherIds(report, output),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const percent = (share: number) => `${Math.round(100 * share)} %`;
const units = { s: 'seconds since 1970', ms: 'milliseconds since 1970', us: 'microseconds since 1970' };

function facts({ rows, share }: LogSample, roles: FoundRoles, survey: Found): string[] {
  const { session, user = '', item, time, type } = roles;
  const { clicks, timeUnit } = survey;
  const first = rows.find((row) => ISO_TIME.test(row[time] ?? ''))?.[time] ?? '';
  const zone = /:.*(Z|[+-]\d\d(:?\d\d)?)$/i.test(first) ? 'with a zone' : 'without a zone, in UTC';
  const form = timeUnit !== 'iso' ? units[timeUnit] : first.includes(':') ? `ISO 8601 ${zone}` : 'days';
  const shares = survey.types.map(({ value, clicks }) => `${printableStart(value, 40)} ${percent(clicks)}`);
  const all = `about ${groupDigits(Number((clicks / share).toPrecision(2)))}`;
  const sampled = share < 1 ? `the first ${groupDigits(clicks)} of ${all} clicks` : count(clicks, 'click');
  const hours = 24 * survey.days;
  const span = hours < 48 ? count(Math.round(hours), 'hour') : count(Math.round(survey.days), 'day');
  return [
    session === undefined
      ? `session = ${tick(user)}, a visitor who comes back: visits are cut at 30 minutes`
      : `session = ${tick(session)}`,
    `item = ${tick(item)}`,
    `time = ${tick(time)}, ${form}`,
    ...(type === undefined ? [] : [`type = ${tick(type)}: ${shares.join(', ')}`]),
    `${sampled} of ${span} on ${count(survey.items, 'item')} in ${count(survey.sessions, 'session')}, ${percent(survey.repeats)} repeat the item before`,
  ];
}

function warningsOf({ clicks, sessions, badRows, hasOneTime, types }: Found): string[] {
  const [first, second] = types;
  const isBought = !second && /purchas|order|buy|bought|sale|transaction|checkout/i.test(first?.value ?? '');
  const perSession = (clicks / sessions).toFixed(1);
  return [
    badRows > 0 &&
      `${count(badRows, 'bad row')}: prepare will skip such rows, and list what is wrong with them`,
    clicks < 1000 && `${count(clicks, 'click')}: a model learns little from fewer than 1,000`,
    clicks < 2 * sessions && `${perSession} clicks per session: one click says nothing of a next`,
    hasOneTime &&
      'All clicks have one time: they keep the order of the file, and no split by time is possible',
    isBought && PURCHASES,
  ].filter((warning) => typeof warning === 'string');
}
