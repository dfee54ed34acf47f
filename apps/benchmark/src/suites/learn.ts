import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { ComparisonRow } from '../comparison.ts';
import { whole } from '../figures.ts';
import { ServerProcess } from '../load/server-process.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';
import { type ContestRow, measureRows } from './contest.ts';
import type { ServeOptions } from './serve.ts';
import { readReplayLog, type ServedSize, servedFolders } from './serve-folders.ts';
import { type LoadedServer, type LoadTurn, loadServer, trainerServe } from './serve-load.ts';

/** A size and a rate to learn at. */
interface LearntSize extends ServedSize {
  /** Clicks per second. */
  readonly rate: number;
  /** Bounds in seconds: until a request that allows only a new item gets it, and until sessions like its own do. */
  readonly bounds: readonly [allowed: number, listed: number];
}

const sizes: readonly LearntSize[] = [
  { items: 27_000, units: 100, events: 300_000, rate: 1000, bounds: [10, 30] },
  { items: 1_000_000, units: 32, events: 300_000, rate: 500, bounds: [60, 60] },
];

/** A load, and how soon a new item came. NaN for a server that does not learn. */
interface LearnTurn extends LoadTurn {
  readonly allowedSeconds: number;
  readonly listedSeconds: number;
  /** Processor time of all threads per second. */
  readonly cores: number;
  /** Time that the learning thread worked per second. */
  readonly learnShare: number;
}

/** Measures `gru4rec serve --learn` beside the same server without it, both with an event log, under the same clicks. */
export async function measureLearning(options: ServeOptions): Promise<ComparisonRow[]> {
  const measured: ComparisonRow[] = [];
  for (const size of sizes) {
    const rows = rowsOf(size).filter(({ name }) => options.only.test(name));
    if (rows.length > 0) measured.push(...(await measureSize(size, rows, options)));
  }
  return measured;
}

function rowsOf({ items, units, rate, bounds }: LearntSize): ContestRow<LearnTurn>[] {
  const place = `${whole(items)} items × ${units} units, ${whole(rate)} clicks/s`;
  const engine = 'trainer serve; the generator on the same cores';
  const row = { suite: 'learn', engine, better: 'less' } as const;
  const until = (name: string, bound: number, of: (turn: LearnTurn) => number): ContestRow<LearnTurn> => {
    const goal = { bound, text: `≤ ${bound} s` };
    return { ...row, name: `${place}: ${name}`, unit: 's', of, goal, goalOf: 'figure' };
  };
  return [
    until('first click of a new item to an answer that may list only it', bounds[0], (t) => t.allowedSeconds),
    until(
      'first click of a new item to the first 20 of a session like its own',
      bounds[1],
      (t) => t.listedSeconds,
    ),
    { ...row, name: `${place}: latency, p99`, unit: 'ms', of: ({ load }) => load.latencies.p99 },
    { ...row, name: `${place}: processor time of the server`, unit: 'cores', of: ({ cores }) => cores },
    {
      ...row,
      name: `${place}: time that the learning thread works`,
      unit: 's/s',
      of: ({ learnShare }) => learnShare,
    },
    {
      ...row,
      name: `${place}: peak memory`,
      unit: 'MiB',
      of: ({ process }) => process?.peakMiB ?? Number.NaN,
    },
  ];
}

async function measureSize(
  size: LearntSize,
  rows: readonly ContestRow<LearnTurn>[],
  options: ServeOptions,
): Promise<ComparisonRow[]> {
  const { model, data } = await servedFolders(size, options.folder);
  const log = await readReplayLog(data);
  return inTemporaryFolder('benchmark-learn', async (folder) => {
    const start = (events: string, ...more: string[]) =>
      ServerProcess.start(trainerServe(model, ['--event-log', join(folder, events), ...more]));
    const started = [await start('learning', '--learn'), await start('frozen')];
    const [learning, frozen] = started.map((process) => ({ process, log, reports: true })) as [
      LoadedServer,
      LoadedServer,
    ];
    const load = { seconds: options.seconds, rate: size.rate };
    const take = (server: LoadedServer, learns: boolean) => () => takeTurn(server, load, learns);
    try {
      for (const server of [learning, frozen]) await loadServer(server, { ...load, seconds: 5 });
      const ours = { name: 'ours', take: take(learning, true) };
      return await measureRows(rows, [ours, { name: 'without --learn', take: take(frozen, false) }], options);
    } finally {
      for (const process of started) await process.stop();
    }
  });
}

let newItems = 0;

async function takeTurn(
  server: LoadedServer,
  load: { readonly seconds: number; readonly rate: number },
  learns: boolean,
): Promise<LearnTurn> {
  const before = await learnSeconds(server, learns);
  const [turn, soon] = await Promise.all([
    loadServer(server, load),
    learns ? clickNewItem(server, load.seconds) : { allowedSeconds: Number.NaN, listedSeconds: Number.NaN },
  ]);
  const worked = (await learnSeconds(server, learns)) - before;
  const { seconds, answered } = turn.load;
  const cores = ((turn.correctness['serverCpuMs'] ?? Number.NaN) * answered) / 1000 / seconds;
  return { ...turn, ...soon, cores, learnShare: worked / seconds };
}

async function learnSeconds({ process }: LoadedServer, learns: boolean): Promise<number> {
  if (!learns) return Number.NaN;
  const text = await (await fetch(`${process.url}/metrics`)).text();
  return Number(/^gru4rec_learn_seconds_total (\S+)$/m.exec(text)?.[1]);
}

/** Twenty sessions click the same item and then a new one; other sessions ask for it until they get it, or time is over. */
async function clickNewItem({ process: { url }, log }: LoadedServer, seconds: number) {
  const item = `new-${newItems++}`;
  const before = log.itemIds.at(log.items[0] ?? 0) ?? '';
  const post = async (session: string, body: object): Promise<string[]> => {
    const headers = { 'content-type': 'application/json' };
    const request = { method: 'POST', headers, body: JSON.stringify(body) };
    const response = await fetch(`${url}/v1/sessions/${item}-${session}/events`, request);
    return ((await response.json()) as { items: { id: string }[] }).items.map(({ id }) => id);
  };
  await setTimeout(1000 * Math.min(3, seconds / 10));
  const start = performance.now();
  const since = () => (performance.now() - start) / 1000;
  const clicking = Array.from({ length: 20 }, async (_, session) => {
    await setTimeout(100 * session);
    await post(`s${session}`, { item: before, n: 1 });
    await post(`s${session}`, { item, n: 1 });
    await post(`s${session}`, { item: before, n: 1 });
  });
  const until = async (ask: () => Promise<string[]>) => {
    while (since() < seconds) {
      if ((await ask()).includes(item)) return since();
      await setTimeout(100);
    }
    return Number.POSITIVE_INFINITY;
  };
  const allowed = until(() => post('guest', { item: before, store: false, n: 1, allow: [item] }));
  const listed = until(() => post('guest', { item: before, store: false, n: 20 }));
  await Promise.all(clicking);
  return { allowedSeconds: await allowed, listedSeconds: await listed };
}
