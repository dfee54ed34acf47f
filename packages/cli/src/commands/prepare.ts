import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { didYouMean, UsageError } from '@gru4rec/checked-options';
import { type AbsentTypes, append, type PrepareOptions, prepare } from '@gru4rec/preprocess';
import { readItemChunks } from '@gru4rec/sessions';
import { checkAppendable, describeAppended, type MaybeAppended } from '../arguments/append-files.ts';
import { expectLogs } from '../arguments/folder-kind.ts';
import { lockOutput } from '../arguments/output-lock.ts';
import {
  type PrepareArguments,
  parsePrepareArguments,
  withPrepareOptions,
} from '../arguments/prepare-options.ts';
import { funnelTable } from '../terminal/funnel-table.ts';
import { leaveOnSignal } from '../terminal/leave-on-signal.ts';
import { printable } from '../terminal/printable.ts';
import { count, groupDigits, showPreparation } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { ArgumentsOf, Command } from './command.ts';

/** `gru4rec prepare`: makes a session dataset from a log of events. */
export const prepareCommand: Command = {
  builder: withPrepareOptions,
  handler: (args: ArgumentsOf<typeof withPrepareOptions>, terminal) => runPrepare(args, terminal),
};

/**
 * Runs `prepare`; progress and the funnel go to standard error.
 *
 * @throws UsageError if an argument is out of range, DataError at bad input, Error if another run writes the output.
 */
export async function runPrepare(
  args: PrepareArguments,
  { stderr, directory }: Pick<Terminal, 'stderr' | 'directory'>,
): Promise<void> {
  const progress = showPreparation(stderr);
  const inFolder = (path: string) => resolve(directory, path);
  const started = performance.now();
  let absent: AbsentTypes | undefined;
  const options = {
    ...parsePrepareArguments(args, inFolder),
    onProgress: progress.show,
    onAbsentTypes: (types: AbsentTypes) => {
      absent = types;
    },
  };
  await checkArguments(args, options);
  const unlock = lockOutput(options.output, 'prepare', stderr);
  const stay = leaveOnSignal();
  const report = await prepareOrAppend(args, options).finally(() => {
    progress.stop();
    stay();
    unlock();
    if (absent) stderr.write(describeAbsent(absent));
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
  const counts = Object.entries(splits).map(
    ([name, { sessions, events }]) => `${name} ${count(sessions, 'session')} of ${count(events, 'event')}`,
  );
  return [
    ...warnings.map((warning) => `Warning: ${warning}\n`),
    `${funnelTable(funnel)}\n`,
    badRows > 0 ? `${count(badRows, 'bad row')} skipped, listed in ${output}/bad-rows.tsv\n` : '',
    describeAppended(report),
    describeItemInfo(report),
    `${output}: ${count(items, 'item')}${describeCold(report)}, ${counts.join(', ')}, in ${seconds} s\n`,
  ].join('');
}

function describeCold({ coldItems }: MaybeAppended): string {
  return coldItems === 0 ? '' : ` (${groupDigits(coldItems)} of them without training clicks)`;
}

/** A warning if no item has both clicks and a row, with the first id of either: one may have leading zeros. */
async function warnOfOtherIds(
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

function describeAbsent({ absent, found }: AbsentTypes): string {
  const names = (types: readonly string[]) => types.map((type) => JSON.stringify(printable(type))).join(', ');
  const question = didYouMean(absent, found, printable);
  return `Warning: ${question}No event is of type ${names(absent)}; the types of the log are ${names(found) || 'none'}\n`;
}
