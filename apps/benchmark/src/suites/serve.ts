import {
  type ComparisonRow,
  type Contestant,
  type ContestOptions,
  type ContestRow,
  measureContest,
  measureRows,
} from '../contest.ts';
import { whole } from '../figures.ts';
import { ServerProcess } from '../load/server-process.ts';
import { readReplayLog, type ServedSize, servedFolders } from './serve-folders.ts';
import {
  bareFastify,
  CONNECTIONS,
  type LoadedServer,
  type LoadTurn,
  loadServer,
  trainerServe,
} from './serve-load.ts';

/** Options of the suite `serve`. */
export interface ServeOptions extends ContestOptions {
  /** Length of a load. */
  readonly seconds: number;
  /** Folder of the models; default: in the temporary folder of the system. */
  readonly folder?: string;
  /** Default: `measuredSizes`. */
  readonly sizes?: readonly MeasuredSize[];
}

/** A model to serve, with what is measured on it. */
export interface MeasuredSize extends ServedSize {
  readonly readyBound?: number;
  readonly loads: readonly MeasuredLoad[];
}

/** What a row shows, and its goal. */
interface Figure extends Omit<ContestRow<LoadTurn>, 'suite'> {
  readonly bound?: number | undefined;
}

/** A load, and the figures that become rows. */
interface MeasuredLoad {
  /** Requests per second; at saturation if not given. */
  readonly rate?: number;
  /** Whether Fastify without a model takes turns with ours. */
  readonly bare?: boolean;
  readonly figures: readonly Figure[];
}

const throughput: Figure = {
  name: `saturation, ${CONNECTIONS} connections`,
  unit: 'requests/s',
  better: 'more',
};
const loopLag: Figure = {
  name: `${throughput.name}: lag of the event loop, p99`,
  unit: 'ms',
  better: 'less',
  of: ({ server }) => server?.eventLoopLagMs ?? Number.NaN,
};

function latency(rate: number, percentile: 'p90' | 'p99', bound: number): MeasuredLoad {
  const name = `${whole(rate)} requests/s: latency, ${percentile}`;
  const of = ({ load }: LoadTurn): number => load.latencies[percentile];
  return { rate, figures: [{ name, unit: 'ms', better: 'less', of, bound }] };
}

/** The sizes that are measured by default. */
export const measuredSizes: readonly MeasuredSize[] = [
  {
    ...{ items: 27_000, units: 100, events: 300_000, readyBound: 3 },
    loads: [
      {
        bare: true,
        figures: [
          { ...throughput, bound: 4000 },
          { ...loopLag, bound: 5 },
        ],
      },
      latency(1000, 'p99', 5),
    ],
  },
  {
    ...{ items: 27_000, units: 100, events: 300_000, mixed: true },
    loads: [{ bare: true, figures: [{ ...throughput, bound: 2000 }] }, latency(500, 'p99', 10)],
  },
  {
    ...{ items: 1_000_000, units: 32, events: 300_000 },
    loads: [latency(500, 'p90', 10), { figures: [throughput, loopLag] }],
  },
  {
    ...{ items: 10_000_000, units: 57, clicked: 50_000, events: 300_000, readyBound: 60 },
    loads: [latency(1000, 'p90', 50), { figures: [throughput] }],
  },
];

/** Measures `gru4rec serve` in its own process under the replay of a log, from this process. */
export async function measureServing(options: ServeOptions): Promise<ComparisonRow[]> {
  const rows: ComparisonRow[] = [];
  for (const size of options.sizes ?? measuredSizes) rows.push(...(await measureSize(size, options)));
  return rows;
}

async function measureSize(size: MeasuredSize, options: ServeOptions): Promise<ComparisonRow[]> {
  const isWanted = ({ name }: Figure) => options.only.test(rowName(size, name));
  const ready = [{ name: 'start to ready', unit: 's', better: 'less', bound: size.readyBound } as const];
  const [wanted] = ready.filter(isWanted);
  const chosen = size.loads.filter(({ figures }) => figures.some(isWanted));
  if (!wanted && chosen.length === 0) return [];
  const folders = await servedFolders(size, options.folder);
  const { threads } = options.engine;
  const words = threads === undefined ? [] : ['--threads', String(threads)];
  const program = trainerServe(folders.model, words);
  const rows = wanted ? [await measureReady(rowOf(size, wanted), program, options)] : [];
  if (chosen.length === 0) return rows;
  const process = await ServerProcess.start(program);
  try {
    const ours = { process, log: await readReplayLog(folders.data), reports: true };
    await loadServer(ours, { seconds: options.seconds });
    for (const load of chosen) rows.push(...(await measureLoad(size, load, ours, options)));
    return rows;
  } finally {
    await process.stop();
  }
}

function rowName({ items, units, mixed }: ServedSize, name: string): string {
  return `${whole(items)} items × ${units} units${mixed ? ' mixed with V-SKNN' : ''}, ${name}`;
}

function rowOf(size: ServedSize, { bound, ...figure }: Figure): ContestRow<LoadTurn> {
  const engine = 'trainer serve; the generator on the same cores';
  const row = { ...figure, suite: 'serve', name: rowName(size, figure.name), engine };
  if (bound === undefined) return row;
  const text = `${row.better === 'more' ? '≥' : '≤'} ${whole(bound)} ${row.unit}`;
  return { ...row, goal: { bound, text }, goalOf: 'figure' };
}

/** From the start of the process until the model is loaded and warmed up, with files in the cache of the system. */
async function measureReady(
  { of: _, ...row }: ContestRow<LoadTurn>,
  program: ReturnType<typeof trainerServe>,
  options: ServeOptions,
): Promise<ComparisonRow> {
  const take = async () => {
    const server = await ServerProcess.start(program);
    const { startSeconds: seconds, peakMiB = 0 } = server;
    await server.stop();
    return { value: seconds, correctness: {}, process: { seconds, peakMiB } };
  };
  // The first start may bundle the trainer and reads files from disk.
  await take();
  return measureContest(row, [{ name: 'ours', take }], options);
}

/** Loads ours and the bare server in turns. */
async function measureLoad(
  size: MeasuredSize,
  { rate, figures, bare = false }: MeasuredLoad,
  ours: LoadedServer,
  options: ServeOptions,
): Promise<ComparisonRow[]> {
  const settings = { seconds: options.seconds, ...(rate !== undefined && { rate }) };
  const contestant = (name: string, server: LoadedServer): Contestant<LoadTurn> => {
    return { name, take: () => loadServer(server, settings) };
  };
  const rows = figures.map((figure) => rowOf(size, figure));
  if (!bare) return measureRows(rows, [contestant('ours', ours)], options);
  const process = await ServerProcess.start(bareFastify());
  const peer = { log: ours.log, reports: false, process };
  try {
    await loadServer(peer, settings);
    const entrants = [contestant('ours', ours), contestant('Fastify without a model', peer)];
    return await measureRows(rows, entrants, options);
  } finally {
    await process.stop();
  }
}
