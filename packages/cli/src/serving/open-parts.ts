import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { format } from 'node:util';
import { UsageError } from '@gru4rec/checks';
import { ITEM_INFO_FILE, type ItemColumnNames, type ItemRow, readItemRows } from '@gru4rec/dataset/items';
import { followPointer } from '@gru4rec/durable-files';
import {
  type EventLog,
  type EventLogOptions,
  ItemsFile,
  type LearnOptions,
  type ModelSource,
  openSessionStore,
  type ServerOptions,
  type SessionStore,
  type StoreOptions,
} from '@gru4rec/serving';
import { pino } from 'pino';
import { expectFolder, isFolder } from '../arguments/folders.ts';
import { type ArgumentsOf, flag, learnerOption, texts } from '../arguments/options.ts';
import { MAX_SETTINGS_BYTES, readBoundedText } from '../arguments/read-inputs.ts';
import { describeItems } from '../inspecting/columns.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Default: the folder's name, of a pointer `model`, and equal shares. */
/** A share of the sessions that gets no recommendations. */
const CONTROL = /^none:(\d+(?:\.\d+)?)$/;

/** 0 without `none:SHARE`. */
export function controlWeightOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Number(CONTROL.exec(text)?.[1] ?? 0), 0);
}

export function modelSources(texts: readonly string[], directory: string): readonly ModelSource[] {
  if (texts.includes('')) throw new UsageError('MODEL expected a string, got an empty one');
  const sources = texts
    .filter((text) => !CONTROL.test(text))
    .map((text) => {
      const [, name, share, folder = text] = /^([\w.-]+)(?::(\d+(?:\.\d+)?))?=(.+)$/s.exec(text) ?? [];
      const path = resolve(directory, folder);
      const weight = share === undefined ? {} : { weight: Number(share) };
      const isPointer = followPointer(path) !== path;
      return { name: name ?? (isPointer ? 'model' : basename(path)), directory: path, ...weight };
    });
  const names = sources.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) {
    throw new UsageError(`MODEL expected distinct names, got ${twice} twice. Write NAME=FOLDER`);
  }
  if (names.includes('none')) {
    throw new UsageError('MODEL expected a name other than none, the control group. Write NAME=FOLDER');
  }
  const weights = sources.flatMap(({ weight }) => weight ?? []);
  const example = `such as ${names.map((name) => `${name}:50=FOLDER`).join(' ')}`;
  if ((weights.length > 0 || sources.length < texts.length) && weights.length < sources.length) {
    throw new UsageError(`MODEL expected a share of the sessions for each or for none, ${example}`);
  }
  if (weights.length > 0 && weights.every((weight) => weight === 0)) {
    throw new UsageError(`MODEL expected a share above 0, ${example}, got 0 for all`);
  }
  return sources;
}

/** The items of the first model that records anything about its items. */
export function itemsOfModels(models: readonly ModelSource[]): string | undefined {
  const described = models.find(({ directory }) =>
    existsSync(join(followPointer(directory), ITEM_INFO_FILE)),
  );
  return described && join(described.directory, ITEM_INFO_FILE);
}

/** @param log - gets what the columns are taken for, and bad rows, which are left out. */
export async function openItems(
  file: string | undefined,
  { posted, columns }: { posted?: string | undefined; columns?: ItemColumnNames | undefined },
  log: Log,
): Promise<Pick<ServerOptions, 'items'>> {
  if (file === undefined && posted === undefined) return {};
  const readRows = (path: string) => itemRows(path, columns, log);
  const items = await ItemsFile.open(file, { readRows, posted });
  if (file !== undefined) {
    const [line, ...warnings] = await describeItems(items.infos(), columns);
    log.info(line);
    for (const warning of warnings) log.warn(warning);
  }
  return { items };
}

async function* itemRows(
  path: string,
  columns: ItemColumnNames | undefined,
  log: Log,
): AsyncGenerator<ItemRow> {
  const isParquet = /\.parquet$/i.test(path);
  const read = isParquet ? (await import('@gru4rec/preprocess')).itemRowsIn : readItemRows;
  let rows = 0;
  let first = '';
  const skip = (line: number, problem: string) => {
    if (rows++ === 0) first = `line ${line}: ${problem}`;
  };
  yield* read(path, { columns, onBadRow: skip });
  if (rows > 0) log.warn({ rows, first }, 'Rows of the items file are wrong, and left out');
}

export async function openNamedStore(text: string, options: StoreOptions): Promise<SessionStore> {
  try {
    return await openSessionStore(text, options);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`--session-store ${error.message}`);
    throw error;
  }
}

/** One per line; blank lines and lines that begin with `#` are ignored. */
export async function readTokens(file: string): Promise<readonly string[]> {
  const text = await readBoundedText(file, MAX_SETTINGS_BYTES).catch((cause) => {
    throw new Error(`The tokens ${file} cannot be read`, { cause });
  });
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const tokens = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (tokens.length === 0) throw new Error(`The tokens ${file} expected one per line, got none`);
  // Characters of RFC 6750; others cannot be sent.
  const wrong = lines.findIndex((line) => tokens.includes(line) && !/^[\w.~+/-]+=*$/.test(line));
  if (wrong >= 0) throw new Error(`${file}:${wrong + 1}: a token expected letters, digits and -._~+/ only`);
  return tokens;
}

export const syncPolicies: readonly SyncPolicy[] = ['always', 'interval'];

type SyncPolicy = NonNullable<EventLogOptions['sync']>;

type Log = ReturnType<typeof pino>;

export function serverLog({ stderr }: Terminal): Log {
  return pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, stderr.raw);
}

/** One line each, without stacks. Returns a function that gives the console back. */
export function logConsole(log: Log): () => void {
  const { error, warn } = console;
  const text = (words: readonly unknown[]) =>
    words.map((word) => (word instanceof Error ? word.message : word));
  console.error = (...words) => log.error({ error: format(...text(words)) }, 'A library reports an error');
  console.warn = (...words) => log.warn({ error: format(...text(words)) }, 'A library warns');
  return () => Object.assign(console, { error, warn });
}

export const learnFlags = {
  learn: flag('Learn from the clicks in the event log while serving, into its folder learnt'),
  'learn-from': texts('Folders of the event logs of other servers, to learn from these too'),
  learner: learnerOption,
};

export interface LearnRequest extends ArgumentsOf<typeof learnFlags> {
  readonly eventLog: string | undefined;
  readonly readOnly: boolean;
}

export async function checkLearning(
  request: LearnRequest,
  models: readonly ModelSource[],
  { engine, directory }: { readonly engine: string; readonly directory: string },
): Promise<void> {
  const { learn, learnFrom, eventLog, readOnly } = request;
  if (!learn) {
    const options = Object.entries({ 'learn-from': learnFrom, learner: request.learner });
    const [name] = options.find(([, value]) => value !== undefined) ?? [];
    if (name) throw new UsageError(`--${name} expected --learn with it, got none`);
    return;
  }
  const [model, ...others] = models;
  if (eventLog === undefined) throw new UsageError('--learn expected --event-log with it, got none');
  if (readOnly) throw new UsageError('--learn expected a server that takes clicks, got --read-only');
  if (!model || others.length > 0) throw new UsageError(`--learn expected one MODEL, got ${models.length}`);
  if (engine !== 'wasm') throw new UsageError(`--learn expected engine wasm, got ${engine}`);
  await expectFolder('MODEL of --learn', followPointer(model.directory), 'a model');
  const logs = [eventLog, ...(learnFrom ?? [])].map((folder) => resolve(directory, folder));
  const twice = logs.find((folder, at) => logs.indexOf(folder) !== at);
  if (twice !== undefined) throw new UsageError(`--learn-from expected other event logs, got ${twice} twice`);
  const missing = logs.slice(1).find((folder) => !isFolder(folder));
  if (missing !== undefined)
    throw new UsageError(`--learn-from expected folders of event logs, got ${missing}`);
}

export function learnOptions(
  { learn, learnFrom, learner: { everyMs, ...settings } = {} }: LearnRequest,
  log: EventLog | undefined,
  directory: string,
): LearnOptions | undefined {
  if (!learn || !log) return undefined;
  return {
    log,
    output: join(log.directory, 'learnt'),
    everyMs,
    others: learnFrom?.map((folder) => resolve(directory, folder)),
    settings,
  };
}
