import { fileURLToPath } from 'node:url';
import { type ComparisonRow, type Contest, type ContestOptions, measureContest } from '../contest.ts';
import { whole } from '../figures.ts';
import { CONNECTIONS, type LoadedServer, loadServer } from '../load/load-server.ts';
import { withServer } from '../load/server-process.ts';
import { type Program, sourceFlags } from '../own-process.ts';
import { readReplayLog, type ServedSize, servedFolders } from './serve-folders.ts';

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
    loads: [latency(1000, 'p90', 50), throughput],
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
