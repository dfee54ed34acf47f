import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createBaseline } from '@gru4rec/baselines';
import { readDataset, type SessionChunk, writeDataset } from '@gru4rec/dataset';
import { ItemIdTable } from '@gru4rec/dataset/ids';
import { Gru4Rec, train } from '@gru4rec/model';
import { saveRecommender } from '@gru4rec/recommender';
import { type ComparisonRow, type Contest, type ContestOptions, measureContest } from '../contest.ts';
import { createChosenEngine } from '../engine-choice.ts';
import { type Program, sourceFlags } from '../environment.ts';
import { makeEventLog, type Sessions, toTable, trainingDataOf } from '../event-log.ts';
import { CONNECTIONS, type LoadedServer, loadServer, type ReplayLog } from '../load/load-server.ts';
import { withServer } from '../load/server-process.ts';
import { whole } from '../measure.ts';
import { growTable } from './grow-table.ts';

export interface ServedSize {
  readonly items: number;
  readonly units: number;
  readonly events: number;
  /** Number of items of the log, if the model's other items are made of these. */
  readonly clicked?: number;
  readonly mixed?: boolean;
}

const HELD_OUT = 20_000;

/** Later runs use the folder again. One epoch gives scores of a trained model's shape but not its accuracy. */
export async function servedFolders(
  { items, units, events, clicked = items, mixed = false }: ServedSize,
  folder: string = join(tmpdir(), 'gru4rec-benchmark-serve'),
): Promise<{ readonly model: string; readonly data: string }> {
  const place = join(folder, `${items}x${units}-${events}${mixed ? '-mixed' : ''}`);
  const folders = { model: join(place, 'model'), data: join(place, 'data') };
  // The model is written last, and completely or not at all.
  if (existsSync(folders.model)) return folders;
  mkdirSync(place, { recursive: true });
  const log = makeEventLog({ items: clicked, events, heldOut: Math.min(HELD_OUT, Math.ceil(events / 10)) });
  const data = trainingDataOf(log);
  const splits = { train: [chunkOf(log.train)], test: [chunkOf(log.test)] };
  await writeDataset(folders.data, { items: [data], splits }, { overwrite: true });
  const nSample = Math.min(512, clicked);
  const config = { layers: [units], nSample, nEpochs: 1, seed: 1, constrainedEmbedding: true };
  const trained = await train(data, config, { engine: createChosenEngine({}) });
  const model = items > clicked ? grown(trained, items) : trained;
  if (mixed) {
    const recommenders = [model, createBaseline('v-sknn', data)];
    const parts = recommenders.map((recommender) => ({ recommender, weight: 0.5 }));
    await saveRecommender({ name: 'GRU4Rec + V-SKNN', itemIds: data.itemIds, parts }, folders.model);
  } else await model.save(folders.model);
  model.dispose();
  return folders;
}

/** A model of more items, whose rows and biases are made of the trained ones. */
function grown(model: Gru4Rec, items: number): Gru4Rec {
  const { itemIds, config, history } = model;
  const table = model.tensors.find(({ name }) => name === 'Wy');
  if (!table) throw new RangeError('grown: expected a model with constrained embedding');
  const { values, from } = growTable(table.values, table.cols, items, 1);
  const tensors = model.tensors.map((tensor) => {
    const { rows, cols } = tensor;
    if (tensor === table) return { ...tensor, rows: items, values };
    if (rows !== table.rows) return tensor;
    const own = new Float32Array(items * cols);
    from.forEach((of, row) => void own.set(tensor.values.subarray(of * cols, (of + 1) * cols), row * cols));
    return { ...tensor, rows: items, values: own };
  });
  const ids = Array.from({ length: items }, (_, item) => itemIds.at(item) ?? `made-${item}`);
  const engine = createChosenEngine({});
  return new Gru4Rec({ config, history, engine, itemIds: ItemIdTable.from(ids), tensors });
}

function chunkOf(sessions: Sessions): SessionChunk {
  const table = toTable(sessions);
  const times = BigInt64Array.from(sessions.flatMap((session, row) => session.map(() => BigInt(row))));
  return { ...table, sessionIds: Array.from(sessions, (_, row) => String(row)), times };
}

export async function readReplayLog(directory: string): Promise<ReplayLog> {
  const { itemIds, test, train } = await readDataset(directory);
  return { ...(test ?? train), itemIds };
}

interface MeasuredSize extends ServedSize {
  readonly readyBound?: number;
  readonly loads: readonly MeasuredLoad[];
}

interface MeasuredLoad extends Omit<Contest, 'suite'> {
  /** Requests per second; at saturation if not given. */
  readonly rate?: number;
  /** Whether Fastify without a model takes turns with ours. */
  readonly bare?: boolean;
  /** What the row shows of a load. Default: requests per second. */
  readonly of?: 'p90Ms' | 'p99Ms' | 'loopLagP99Ms';
}

const name = `saturation, ${CONNECTIONS} connections`;
const throughput: MeasuredLoad = { name, unit: 'requests/s', better: 'more' };
const lagName = `${name}: lag of the event loop, p99`;
const loopLag: MeasuredLoad = { name: lagName, unit: 'ms', better: 'less', of: 'loopLagP99Ms' };

function latency(rate: number, percentile: 'p90' | 'p99', bound: number): MeasuredLoad {
  const named = `${whole(rate)} requests/s: latency, ${percentile}`;
  return { rate, name: named, unit: 'ms', better: 'less', of: `${percentile}Ms`, bound };
}

export const measuredSizes: readonly MeasuredSize[] = [
  {
    ...{ items: 27_000, units: 100, events: 300_000, readyBound: 3 },
    loads: [{ ...throughput, bare: true, bound: 4000 }, { ...loopLag, bound: 5 }, latency(1000, 'p99', 5)],
  },
  {
    ...{ items: 27_000, units: 100, events: 300_000, mixed: true },
    loads: [{ ...throughput, bare: true, bound: 2000 }, latency(500, 'p99', 10)],
  },
  {
    ...{ items: 1_000_000, units: 32, events: 300_000 },
    loads: [latency(500, 'p90', 10), throughput, loopLag],
  },
  {
    ...{ items: 10_000_000, units: 57, clicked: 50_000, events: 300_000, readyBound: 60 },
    loads: [latency(1000, 'p90', 10), throughput],
  },
];

export function ourServer(model: string, options: readonly string[] = []): Program {
  const script = fileURLToPath(new URL('../../../../scripts/start.mjs', import.meta.url));
  const words = [script, 'serve', model, '--port', '0', '--probe-seconds', '0'];
  return { file: process.execPath, words: [...words, ...options] };
}

export function bareServer(): Program {
  const script = fileURLToPath(new URL('../load/bare-server.ts', import.meta.url));
  return { file: process.execPath, words: [...sourceFlags(), script] };
}

/** In its own process under the replay of a log. `folder` of the models: by default in the temporary folder of the system. */
export async function measureServing(
  options: ContestOptions & { readonly folder?: string },
  sizes: readonly MeasuredSize[] = measuredSizes,
): Promise<ComparisonRow[]> {
  const rows: ComparisonRow[] = [];
  for (const size of sizes) {
    const { items, units, mixed, readyBound, loads } = size;
    const served = `${whole(items)} items × ${units} units${mixed ? ' mixed with V-SKNN' : ''}`;
    const ready = { name: 'start to ready', unit: 's', better: 'less', bound: readyBound } as const;
    const [isReady, ...wanted] = [ready, ...loads].map((row) => options.only.test(`${served}, ${row.name}`));
    const chosen = loads.filter((_, at) => wanted[at]);
    if (!isReady && chosen.length === 0) continue;
    const { model, data } = await servedFolders(size, options.folder);
    const { threads } = options.engine;
    const program = ourServer(model, threads === undefined ? [] : ['--threads', String(threads)]);
    const row = ({ name, unit, better, bound }: MeasuredLoad): Contest => {
      const engine = 'trainer serve; the generator on the same cores';
      return { suite: 'serve', name: `${served}, ${name}`, unit, better, bound, engine };
    };
    if (isReady) rows.push(await measureReady(row(ready), program, options));
    if (chosen.length === 0) continue;
    await withServer(program, async (process) => {
      const ours = { process, log: await readReplayLog(data), reports: true };
      await loadServer(ours, { seconds: options.seconds });
      for (const load of chosen) rows.push(await measureLoad(row(load), load, ours, options));
    });
  }
  return rows;
}

/** From the start of the process until the model is loaded and warmed up, with files in the cache of the system. */
async function measureReady(row: Contest, program: Program, options: ContestOptions): Promise<ComparisonRow> {
  const take = () =>
    withServer(program, async ({ startSeconds: seconds, peakMiB }) => {
      return { value: seconds, correctness: {}, process: { seconds, peakMiB: peakMiB() } };
    });
  // The first start may bundle the trainer and reads files from disk.
  await take();
  return measureContest(row, [{ name: 'ours', take }], options);
}

function measureLoad(
  row: Contest,
  { rate, bare, of }: MeasuredLoad,
  ours: LoadedServer,
  options: ContestOptions,
): Promise<ComparisonRow> {
  const load = { seconds: options.seconds, rate };
  const contestant = (name: string, server: LoadedServer) => {
    const take = async () => {
      const turn = await loadServer(server, load);
      return of ? { ...turn, value: turn.correctness[of] ?? Number.NaN } : turn;
    };
    return { name, take };
  };
  if (!bare) return measureContest(row, [contestant('ours', ours)], options);
  return withServer(bareServer(), async (process) => {
    const peer = contestant('Fastify without a model', { log: ours.log, reports: false, process });
    await peer.take();
    return measureContest(row, [contestant('ours', ours), peer], options);
  });
}
