import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { showNames, UsageError } from '@gru4rec/checks';
import { HeldError } from '@gru4rec/durable-files';
import { type ForgetReport, forget } from '@gru4rec/preprocess';
import { countEvents, type ForgetStatus, type ForgottenEvents, forgetEvents } from '@gru4rec/serving';
import { expectFolder, lockOutput } from '../arguments/folders.ts';
import { type ArgumentsOf, argument, type Command, text, texts } from '../arguments/options.ts';
import { readBoundedText } from '../arguments/read-inputs.ts';
import { findProjectFile } from '../project/find.ts';
import { openProject, type Project } from '../project/project.ts';
import { currentVersion, describeForgotten, recordForgotten, strangeIn } from '../project/versions.ts';
import { readTokens } from '../serving/open-parts.ts';
import { leaveOnSignal } from '../terminal/leave-on-signal.ts';
import { printable } from '../terminal/printable.ts';
import { count } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';

const MOST_ID_BYTES = 1 << 28;

const options = {
  ids: argument(
    'ID',
    texts('Ids of sessions; of users, if the dataset was made with their column, for all of their sessions'),
  ),
  file: text('File of such ids, one per line'),
  data: text('Folder of the dataset; items stay, with the clicks that are left'),
  events: text('Folder that serve --event-log wrote'),
  server: texts('Addresses of servers to ask; that of the project’s "serve" if one writes the event log'),
  'token-file': text('File of bearer tokens, of which servers get the first'),
};

type Arguments = ArgumentsOf<typeof options>;

export const command: Command = {
  usage:
    '$0 forget ID…|--file IDS [--data DATA] [--events FOLDER]\n\nRemoves the sessions of visitors from a dataset and from an event log; a server that writes it is asked to. Run it again if it was interrupted.',
  options,
  examples: ['visitor-17', 'visitor-17 --data data --events events', '--file ids.txt --data data'],
  run: runForget,
};

async function runForget(args: Arguments, terminal: Terminal): Promise<void> {
  const { stdout, stderr, directory } = terminal;
  const { data, events } = args;
  if (data === undefined && events === undefined && !args.server) {
    throw new UsageError('forget expected --data, --events or --server, got none');
  }
  const ids = await readIds(args, terminal);
  const inFolder = (path: string) => resolve(directory, path);
  if (data !== undefined) await expectFolder('--data', inFolder(data), 'a dataset');
  const project = projectOf(data, directory);
  const unlocks: (() => void)[] = [];
  const stay = leaveOnSignal();
  try {
    // The log comes first, so that no night takes from it what has left the dataset.
    const log = await forgetInLog(args, ids, { project, terminal });
    if (project) unlocks.push(lockOutput(join(project.models, 'night'), 'forget', stderr));
    if (data !== undefined) unlocks.push(lockOutput(inFolder(data), 'forget', stderr));
    if (project) await recordForgotten(project.models, ids.size);
    const report = data === undefined ? undefined : await forget({ directory: inFolder(data), ids });
    if (report) stdout.write(describeData(report, data ?? ''));
    if (project) await rm(strangeIn(project.models), { force: true });
    const unknown = [...ids].filter((id) => !log?.found.has(id) && !report?.found.has(id));
    // Servers do not say which ids they had.
    if (log || events === undefined) stdout.write(describeUnknown(unknown));
    const current = project && currentVersion(project.models);
    if (current !== undefined) stdout.write(describeForgotten(project?.models ?? '', current));
  } finally {
    stay();
    for (const unlock of unlocks) unlock();
  }
}

/** The project of the dataset. */
function projectOf(data: string | undefined, directory: string): Project | undefined {
  const file = findProjectFile(directory);
  const project = file && openProject(file, directory);
  return project && data === project.path(project.content.data) ? project : undefined;
}

async function forgetInLog(
  { events, server, tokenFile }: Arguments,
  ids: ReadonlySet<string>,
  { project, terminal }: { readonly project: Project | undefined; readonly terminal: Terminal },
): Promise<ForgottenEvents | undefined> {
  const { directory, stdout } = terminal;
  const folder = resolve(directory, events ?? '');
  let servers = server ?? [];
  let log: ForgottenEvents | undefined;
  try {
    if (events !== undefined) log = await forgetEvents(folder, ids);
    if (log) stdout.write(describeLog(log, events ?? ''));
  } catch (error) {
    if (!((error as Error).cause instanceof HeldError && (server ?? project))) throw error;
    const { host = '127.0.0.1', port = 8080 } = project?.content.serve ?? {};
    servers = server ?? [`http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`];
  }
  const [token] = tokenFile === undefined ? [] : await readTokens(resolve(directory, tokenFile));
  // A learner of one may have read the log of another before that forgot; the second time it has not.
  for (const url of servers.length > 1 ? [...servers, ...servers] : servers) {
    const { sessions, clicks } = await askServer(url, [...ids], token);
    stdout.write(`${url}: removed ${count(sessions, 'session')} and ${count(clicks, 'click')}\n`);
  }
  const left = events === undefined || log ? 0 : await countEvents(folder, ids);
  if (left === 0) return log;
  const why = 'they go on, or another server writes it: name that with --server, or run it again';
  throw new Error(`${events} still has ${count(left, 'click')} of these sessions; ${why}`);
}

const POLL_MS = 200;

async function askServer(url: string, ids: readonly string[], token?: string) {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const ask = async (path: string, init?: RequestInit) => {
    const headers = { ...authorization, ...init?.headers };
    const response = await fetch(url.replace(/\/$/, '') + path, { ...init, headers }).catch((cause) => {
      throw new Error(`No server answers at ${url} (--server names others)`, { cause });
    });
    const answer = (await response.json().catch(() => ({}))) as ForgetStatus & { readonly detail?: string };
    if (response.ok) return { ...answer, place: response.headers.get('location') ?? path };
    throw new Error(`The server at ${url} answered ${response.status}: ${answer.detail}`);
  };
  const body = JSON.stringify({ sessions: ids });
  const headers = { 'content-type': 'application/json' };
  let job = await ask('/v1/forget', { method: 'POST', body, headers });
  while (job.state === 'running') {
    await setTimeout(POLL_MS);
    job = await ask(job.place);
  }
  if (job.state === 'failed') throw new Error(`The server at ${url} failed: ${job.error}. Run it again`);
  return job.removed;
}

async function readIds(
  { ids: named = [], file }: Arguments,
  { directory }: Pick<Terminal, 'directory'>,
): Promise<ReadonlySet<string>> {
  const text = file === undefined ? '' : await readBoundedText(resolve(directory, file), MOST_ID_BYTES);
  const ids = [...named, ...text.split(/\r?\n/).filter((id) => id !== '')];
  if (named.includes('')) throw new UsageError('ID expected ids, got an empty one');
  if (ids.length > 0) return new Set(ids);
  throw new UsageError(
    file === undefined
      ? 'forget expected ID or --file, got none'
      : `--file expected ids, one per line, got none, at ${file}`,
  );
}

function describeLog({ removed, unreadable, others }: ForgottenEvents, events: string): string {
  const clicks = [...removed.values()].reduce((sum, count) => sum + count, 0);
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

function listed(names: readonly string[]): string {
  return showNames(names, (name) => JSON.stringify(printable(name)));
}
