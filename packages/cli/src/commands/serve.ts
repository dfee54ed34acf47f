import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { baselineNames } from '@gru4rec/baselines';
import { UsageError } from '@gru4rec/checks';
import { RuleColumns } from '@gru4rec/dataset/items';
import { followPointer } from '@gru4rec/durable-files';
import {
  type ClickTimes,
  createServer,
  EventLog,
  type ModelSource,
  type RecommendationServer,
  restoreSessions,
  type TrafficObserver,
  VISITORS_FILE,
} from '@gru4rec/serving';
import { expectRecommender } from '../arguments/folders.ts';
import {
  ADVANCED,
  type ArgumentsOf,
  argument,
  type Command,
  engineOptions,
  flag,
  integer,
  itemColumnsOption,
  oneOf,
  or,
  parsed,
  parsedTexts,
  portOption,
  required,
  text,
  texts,
  threadsOption,
  under,
} from '../arguments/options.ts';
import { conditionsOf, duration, rules } from '../arguments/values.ts';
import { chooseEngineName, runtimePlaces } from '../engines/choose-engine.ts';
import { loopEngineMaker, threadStarter } from '../engines/start-thread.ts';
import {
  checkLearning,
  controlWeightOf,
  itemsOfModels,
  learnFlags,
  learnOptions,
  logConsole,
  modelSources,
  openItems,
  openNamedStore,
  readTokens,
  serverLog,
  syncPolicies,
} from '../serving/open-parts.ts';
import { interruptOnSignal } from '../terminal/leave-on-signal.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { versionsTable } from './models.ts';

/** A day. Node would take more than 24 of them for a millisecond. */
const MOST_TIMER_MS = 86_400_000;

const options = {
  models: argument(
    'MODEL',
    required(
      texts(
        'Folder of the model, which train wrote or compare kept, or a file that names one, such as models/current; or several; NAME=FOLDER names a model, NAME:90=FOLDER its share of the sessions, none:10 that of a control group',
      ),
    ),
  ),
  port: portOption(8080),
  host: or('127.0.0.1', text('Address to listen at; 0.0.0.0 for all')),
  experiment: text('Name of an experiment: another one splits the sessions among models anew'),
  'session-store': or('memory', text('Sessions in memory or, for several servers, redis://HOST:PORT')),
  'session-minutes': or(30, integer(1, 'A session ends this long after its last click')),
  'session-memory': or(64, integer(1, 'MiB of sessions kept in memory; least recently used go first')),
  remember: parsed(
    'Keep the last 20 items of each session id this long, such as 30d',
    duration('30d or 12h'),
  ),
  'remember-memory': or(64, integer(1, 'MiB of these items in memory (not Redis); oldest go first')),
  items: text(
    'CSV, TSV, JSON Lines or Parquet: id, title, group, available, others; read again when it changes; what the (first) model records if not given',
  ),
  'item-columns': itemColumnsOption,
  where: parsed('Rule of all lists about columns of the items file: \'{"price":{"lte":500}}\'', rules),
  'posted-items': text('File .jsonl that keeps the items of POST /v1/items, made if there is none'),
  'token-file': text('File of bearer tokens, one per line; requests must have one of them'),
  'page-key-file': text(
    'File of keys, one per line, that pages may show: they open only clicks, recommend, rank and the end of a session',
  ),
  'read-only': flag('Refuse clicks, items, forgetting and loading'),
  'allowed-host': parsedTexts(
    'Host names by which clients call the server, beside localhost and IP addresses; * for any, as with --token-file',
    hostNames,
  ),
  cors: parsedTexts(
    'Origins whose pages may call the server, without a token only what --page-key-file opens; * for all',
    origins,
  ),
  'probe-seconds': or(
    5,
    integer(0, 'When stopped, go on answering this long while not ready', MOST_TIMER_MS / 1000),
  ),
  ...learnFlags,
  'event-log': text(
    'Folder for a log of clicks, a file per UTC day, which prepare reads; restores sessions at the start',
  ),
  'event-log-keep': parsed(
    'Delete files of the event log whose day ended longer ago than this, such as 90d; none if not given',
    duration('90d or 12h'),
  ),
  'click-times': parsed("How far a click's time may be behind and ahead; 1d,5m if not given", clickTimes),
  sync: or(
    'always',
    oneOf(syncPolicies, 'Answer a click when the event log is flushed to disk, or flush later'),
  ),
  ...under(ADVANCED, {
    ...engineOptions,
    threads: threadsOption('Threads of the engine per model; 1 if not given'),
  }),
};

type Arguments = ArgumentsOf<typeof options>;

export const command: Command = {
  usage:
    '$0 serve MODEL… [options]\n\nServes recommendations over HTTP. GET /docs describes the requests, docs/serving.md the server.',
  options,
  examples: [
    'model',
    'model --session-store redis://127.0.0.1:6379 --event-log events',
    'model --event-log events --learn',
    'a:80=model b:10=candidate none:10 --experiment autumn',
    'model --items items.csv --token-file tokens.txt --port 8080',
  ],
  run: runServe,
};

/** How far behind and ahead, in milliseconds. */
function clickTimes(text: string, label: string): ClickTimes {
  const [behind = '', ...ahead] = text.split(',');
  const ms = duration('1d and 5m in 1d,5m');
  return { behindMs: ms(behind, label), aheadMs: ms(ahead.join(), label) };
}

function hostNames(given: readonly string[], label: string): readonly string[] {
  const wrong = given.find((name) => !/^(\*|[a-z\d._-]+)$/i.test(name));
  if (wrong === undefined) return given;
  throw new UsageError(`${label} expected names such as shop.example, or *, got ${JSON.stringify(wrong)}`);
}

/** Others equal no origin that a browser sends, so they would allow nothing. */
const ORIGIN = /^\*$|^[a-z][a-z\d+.-]*:\/\/[^/\sA-Z]+$/;

function origins(urls: readonly string[], label: string): readonly string[] {
  const wrong = urls.find((origin) => !ORIGIN.test(origin));
  if (wrong === undefined) return urls;
  const got = JSON.stringify(wrong);
  throw new UsageError(`${label} expected origins such as https://shop.example, or *, got ${got}`);
}

async function runServe(args: Arguments, terminal: Terminal): Promise<void> {
  const log = serverLog(terminal);
  const giveConsoleBack = logConsole(log);
  try {
    await runServer(args, await openServer(args, terminal, log), terminal);
  } finally {
    giveConsoleBack();
  }
}

async function runServer(
  { port, host, probeSeconds }: Arguments,
  server: RecommendationServer,
  { stdout }: Terminal,
): Promise<void> {
  const { signal, undo } = interruptOnSignal();
  try {
    const url = await server.listen({ port, host }).catch((cause) => {
      throw new Error(`The server cannot listen at ${host}, port ${port} (--port names another)`, { cause });
    });
    await server.load();
    stdout.write(`Serving at ${url}; its requests are described at ${url}/docs\n`);
    if (!signal.aborted) await once(signal, 'abort');
    await server.stop({ probeMs: 1000 * probeSeconds });
  } finally {
    await server.stop({ probeMs: 0 });
    undo();
  }
}

async function openServer(
  args: Arguments,
  { directory }: Terminal,
  log: ReturnType<typeof serverLog>,
): Promise<RecommendationServer> {
  const { items, postedItems, tokenFile, readOnly, cors, allowedHost, sessionStore, threads } = args;
  const { eventLog, eventLogKeep: keepMs, sync, itemColumns, pageKeyFile } = args;
  const inFolder = (path: string) => resolve(directory, path);
  const keysIn = async (file?: string) => (file === undefined ? undefined : readTokens(inFolder(file)));
  if (keepMs !== undefined && eventLog === undefined) {
    throw new UsageError('--event-log-keep expected --event-log with it, got none');
  }
  if (pageKeyFile !== undefined && tokenFile === undefined) {
    throw new UsageError('--page-key-file expected --token-file with it, got none');
  }
  if (postedItems !== undefined && !postedItems.endsWith('.jsonl')) {
    throw new UsageError(`--posted-items expected a file whose name ends in .jsonl, got ${postedItems}`);
  }
  const models = modelSources(args.models, directory);
  for (const model of models) await expectModel(model);
  const itemsFile = items === undefined ? itemsOfModels(models) : inFolder(items);
  const columns = items === undefined ? undefined : itemColumns;
  const engine = chooseEngineName(args.engine, { threads });
  await checkLearning(args, models, { engine, directory });
  const threadEngine = {
    engine: args.engine === 'auto' ? engine : args.engine,
    threads: engine === 'wasm' ? (threads ?? 1) : threads,
    places: runtimePlaces(),
  };
  const limits = {
    maxAgeMs: 60_000 * args.sessionMinutes,
    maxBytes: args.sessionMemory * 2 ** 20,
    rememberMs: args.remember ?? 0,
    rememberBytes: args.rememberMemory * 2 ** 20,
  };
  // A log that is only read may be written by another server.
  const clicks =
    eventLog === undefined || readOnly
      ? undefined
      : await EventLog.open(inFolder(eventLog), { sync, logger: log, keepMs });
  const reader: TrafficObserver = {
    restore: async (sessions) => void (eventLog && (await restoreSessions(inFolder(eventLog), sessions))),
  };
  const learn = learnOptions(args, clicks, directory);
  const pointer = models.find((model) => followPointer(model.directory) !== model.directory);
  const opened = await openItems(itemsFile, { posted: postedItems && inFolder(postedItems), columns }, log);
  if (args.where) conditionsOf(args.where, opened.items?.columns ?? new RuleColumns());
  return createServer({
    ...opened,
    where: args.where,
    models,
    controlWeight: controlWeightOf(args.models),
    experiment: args.experiment,
    readOnly,
    logger: log,
    startThread: threadStarter(threadEngine),
    clickTimes: args.clickTimes,
    createEngine: loopEngineMaker(threadEngine),
    sessions: await openNamedStore(sessionStore, {
      readOnly,
      ...limits,
      visitorsFile:
        clicks && args.remember && sessionStore === 'memory'
          ? join(clicks.directory, VISITORS_FILE)
          : undefined,
      logger: log,
    }),
    tokens: await keysIn(tokenFile),
    pageKeys: await keysIn(pageKeyFile),
    corsOrigins: cors,
    allowedHosts: allowedHost,
    observers: [clicks ?? reader],
    // No name by which prepare takes a file for events.
    history: clicks && join(clicks.directory, 'page-history'),
    versions: pointer && (() => versionsTable(dirname(pointer.directory))),
    learn,
  });
}

async function expectModel({ name, directory }: ModelSource): Promise<void> {
  await expectRecommender('MODEL', followPointer(directory));
  if (!baselineNames.some((baseline) => baseline === name) || existsSync(directory)) return;
  throw new UsageError(
    `MODEL expected the folder of a model, which train writes, got the baseline ${name}. compare DATA --models ${name} --keep FOLDER writes its folder`,
  );
}
