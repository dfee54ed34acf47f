import { resolve } from 'node:path';
import { showNames, UsageError } from '@gru4rec/checks';
import { type ForgetReport, forget } from '@gru4rec/preprocess';
import { type ForgottenEvents, forgetEvents } from '@gru4rec/serving';
import { expectFolder, expectRecommender, isMixedFolder, lockOutput } from '../arguments/folders.ts';
import { type ArgumentsOf, type Command, text, texts } from '../arguments/options.ts';
import { loadRecommender, readBoundedText, readModel } from '../arguments/read-inputs.ts';
import { createEngine } from '../engines/choose-engine.ts';
import { leaveOnSignal } from '../terminal/leave-on-signal.ts';
import { printable } from '../terminal/printable.ts';
import { count } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** The most bytes of `--file`: millions of ids. */
const MOST_ID_BYTES = 1 << 28;

const options = {
  session: texts(
    'Ids of sessions; of users, where prepare had --columns user=NAME, for all of their sessions',
  ),
  file: text('File of such ids, one per line'),
  data: text('Folder of the dataset; items stay, with the clicks that are left'),
  events: text('Folder that serve --event-log wrote'),
  models: texts('Folders of models; says which were trained on the dataset before the sessions left it'),
};

type Arguments = ArgumentsOf<typeof options>;

export const command: Command = {
  usage:
    '$0 forget --session ID…|--file IDS --data DATA --events FOLDER\n\nRemoves the sessions of visitors from a dataset and from an event log that no server writes. Run it again if it was interrupted.',
  options,
  examples: ['--session visitor-17 --data data --events events --models model', '--file ids.txt --data data'],
  run: runForget,
};

async function runForget(args: Arguments, terminal: Terminal): Promise<void> {
  const { stdout, stderr, directory } = terminal;
  const { data, events, models = [] } = args;
  if (data === undefined && events === undefined) {
    throw new UsageError('forget expected --data or --events, or both, got none');
  }
  if (models.length > 0 && data === undefined) {
    throw new UsageError(
      '--models expected --data with it, the dataset that models were trained on, got none',
    );
  }
  const ids = await readIds(args, terminal);
  const inFolder = (path: string) => resolve(directory, path);
  if (data !== undefined) await expectFolder('--data', inFolder(data), 'a dataset');
  const trainedOn = await Promise.all(models.map((model) => datasetOf(inFolder(model))));
  const unlock = data === undefined ? () => {} : lockOutput(inFolder(data), 'forget', stderr);
  const stay = leaveOnSignal();
  try {
    // The log comes first, because a server that writes it refuses everything.
    const log = events === undefined ? undefined : await forgetEvents(inFolder(events), ids);
    if (log) stdout.write(describeLog(log, events ?? ''));
    const report = data === undefined ? undefined : await forget({ directory: inFolder(data), ids });
    if (report) stdout.write(describeData(report, data ?? ''));
    stdout.write(describeUnknown([...ids].filter((id) => !log?.found.has(id) && !report?.found.has(id))));
    if (report)
      for (const [at, model] of models.entries()) stdout.write(describeModel(model, trainedOn[at], report));
  } finally {
    stay();
    unlock();
  }
}

async function readIds(
  { session = [], file }: Arguments,
  { directory }: Pick<Terminal, 'directory'>,
): Promise<ReadonlySet<string>> {
  const text = file === undefined ? '' : await readBoundedText(resolve(directory, file), MOST_ID_BYTES);
  const ids = [...session, ...text.split(/\r?\n/).filter((id) => id !== '')];
  if (session.includes('')) throw new UsageError('--session expected ids, got an empty one');
  if (ids.length > 0) return new Set(ids);
  throw new UsageError(
    file === undefined
      ? 'forget expected ids with --session or --file, got none'
      : `--file expected ids, one per line, got none, at ${file}`,
  );
}

async function datasetOf(folder: string): Promise<string | undefined> {
  await expectRecommender('--models', folder);
  if (!(await isMixedFolder(folder))) return (await readModel(folder)).dataset?.checksum;
  const loaded = await loadRecommender(folder, { engine: await createEngine('wasm:wasm') });
  return 'dataset' in loaded ? loaded.dataset?.checksum : undefined;
}

function describeLog({ removed, unreadable, others }: ForgottenEvents, events: string): string {
  const clicks = [...removed.values()].reduce((sum, own) => sum + own, 0);
  const kept = [...unreadable].map(
    ([name, lines]) =>
      `${events}/${name}: ${count(lines, 'line')} without a session that can be read stayed\n`,
  );
  const unread =
    others.length === 0 ? '' : `${events}: not read, as they are no files of the log: ${listed(others)}\n`;
  return `${events}: removed ${count(clicks, 'click')} from ${count(removed.size, 'file')}\n${kept.join('')}${unread}`;
}

function describeData({ removed }: ForgetReport, data: string): string {
  const splits = Object.entries(removed).map(
    ([name, sessions]) => `${count(sessions, 'session')} of ${name}`,
  );
  return `${data}: removed ${splits.length === 0 ? 'no session' : splits.join(', ')}\n`;
}

function describeUnknown(ids: readonly string[]): string {
  return ids.length === 0
    ? ''
    : `No session has ${ids.length === 1 ? 'the id' : 'one of the ids'} ${listed(ids)}\n`;
}

function describeModel(
  model: string,
  trainedOn: string | undefined,
  { checksum, earlier }: ForgetReport,
): string {
  if (trainedOn === checksum) return `${model}: was last trained on the dataset as it is now\n`;
  if (trainedOn !== undefined && earlier.includes(trainedOn)) {
    return `${model}: was trained on this dataset before, and may contain the sessions. Train it again, without --continue\n`;
  }
  return `${model}: was trained on a dataset that the history of this one does not name\n`;
}

function listed(names: readonly string[]): string {
  return showNames(names, (name) => JSON.stringify(printable(name)));
}
