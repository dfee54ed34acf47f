import { calibrated } from '../calibration.ts';
import {
  type ComparisonRow,
  type Contest,
  contested,
  type MissingPeer,
  type Participation,
  type Turn,
} from '../comparison.ts';
import { peakMiB } from '../environment.ts';
import { readReplayLog } from '../load/read-replay-log.ts';
import { ServerProcess } from '../load/server-process.ts';
import type { ContestOptions } from './contest.ts';
import { serenadeProblem, serenadeRequest, startSerenade } from './serenade.ts';
import { type ServedFolders, type ServedSize, servedFolders } from './serve-folders.ts';
import {
  bareFastify,
  CONNECTIONS,
  type Load,
  type LoadedServer,
  type LoadTurn,
  loadServer,
  trainerServe,
  turnOf,
} from './serve-load.ts';

/** Options of the suite. */
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

/** A server that takes turns with ours. */
type PeerServer = 'Fastify without a model' | 'Serenade';

/** A load, and the figures that become rows. */
interface MeasuredLoad {
  /** Requests per second; at saturation if not given. */
  readonly rate?: number;
  /** The servers that take turns with ours. */
  readonly peers?: readonly PeerServer[];
  readonly figures: readonly LoadFigure[];
}

/** What a row shows. */
interface Figure extends Pick<Contest, 'name' | 'unit' | 'better'> {
  /** Its goal. */
  readonly bound?: number | undefined;
}

interface LoadFigure extends Figure {
  readonly of: (turn: LoadTurn) => number;
}

const throughput: LoadFigure = {
  name: `saturation, ${CONNECTIONS} connections`,
  unit: 'requests/s',
  better: 'more',
  of: ({ load }) => load.answered / load.seconds,
};
const loopLag: LoadFigure = {
  name: `${throughput.name}: lag of the event loop, p99`,
  unit: 'ms',
  better: 'less',
  of: ({ server }) => server?.eventLoopLagMs ?? Number.NaN,
};

function latency(rate: number, percentile: 'p90' | 'p99', bound: number): MeasuredLoad {
  const name = `${rate.toLocaleString('en-US')} requests/s: latency, ${percentile}`;
  const of = ({ load }: LoadTurn): number => load.latencies[percentile];
  return { rate, figures: [{ name, unit: 'ms', better: 'less', of, bound }] };
}

/** The sizes that are measured by default. */
export const measuredSizes: readonly MeasuredSize[] = [
  {
    ...{ items: 27_000, units: 100, events: 300_000, readyBound: 3 },
    loads: [
      {
        peers: ['Fastify without a model', 'Serenade'],
        figures: [
          { ...throughput, bound: 4000 },
          { ...loopLag, bound: 5 },
        ],
      },
      { ...latency(1000, 'p99', 5), peers: ['Serenade'] },
    ],
  },
  {
    ...{ items: 1_000_000, units: 32, events: 300_000 },
    loads: [latency(500, 'p90', 10), { figures: [throughput, loopLag] }],
  },
];

/** Measures `gru4rec serve` in its own process under the replay of a log, from this process. */
export async function measureServing(options: ServeOptions): Promise<ComparisonRow[]> {
  const rows: ComparisonRow[] = [];
  for (const size of options.sizes ?? measuredSizes) {
    const names = [READY, ...size.loads.flatMap(({ figures }) => figures.map(({ name }) => name))];
    if (names.some((name) => options.only.test(rowName(size, name))))
      rows.push(...(await measureSize(size, options)));
  }
  return rows;
}

async function measureSize(size: MeasuredSize, options: ServeOptions): Promise<ComparisonRow[]> {
  const folders = await servedFolders(size, options.folder);
  const log = await readReplayLog(folders.data);
  const rows: ComparisonRow[] = [];
  const threads = options.engine.threads;
  const words = threads === undefined ? [] : ['--threads', String(threads)];
  const program = trainerServe(folders.model, words);
  if (options.only.test(rowName(size, READY))) rows.push(await measureReady(size, program, options));
  const chosen = size.loads.filter(({ figures }) =>
    figures.some(({ name }) => options.only.test(rowName(size, name))),
  );
  if (chosen.length === 0) return rows;
  const process = await ServerProcess.start(program);
  try {
    const ours = { process, log, reports: true };
    await loadServer(ours, { seconds: options.seconds });
    for (const load of chosen) rows.push(...(await measureLoad({ size, load, ours, folders }, options)));
    return rows;
  } finally {
    await process.stop();
  }
}

const READY = 'start to ready';

function rowName({ items, units }: ServedSize, name: string): string {
  return `${items.toLocaleString('en-US')} items × ${units} units, ${name}`;
}

const engine = 'trainer serve; the generator on the same cores';

/** From the start of the process until the model is loaded and warmed up, with files in the cache of the system. */
async function measureReady(
  size: MeasuredSize,
  program: ReturnType<typeof trainerServe>,
  { rounds, onTurn }: ServeOptions,
): Promise<ComparisonRow> {
  const start = async (): Promise<Turn> => {
    const server = await ServerProcess.start(program);
    const { startSeconds, peakMiB: peak = 0 } = server;
    await server.stop();
    return { value: startSeconds, correctness: {}, process: { seconds: startSeconds, peakMiB: peak } };
  };
  // The first start may bundle the trainer and reads files from disk.
  await start();
  const { turns, calibration } = await calibrated(async () => {
    const taken: Turn[] = [];
    for (let round = 0; round < rounds; round++) taken.push(await start());
    return { turns: taken };
  });
  for (const { value } of turns) onTurn?.(`serve ${rowName(size, READY)}: ${value.toFixed(2)} s`);
  const row = contested(contestOf(size, { name: READY, unit: 's', better: 'less', bound: size.readyBound }), [
    { name: 'ours', turns },
  ]);
  return { ...row, engine, missing: [], calibration, peakMiB: peakMiB() };
}

/** What is loaded. */
interface LoadTask {
  readonly size: MeasuredSize;
  readonly load: MeasuredLoad;
  readonly ours: LoadedServer;
  readonly folders: ServedFolders;
}

/** Loads ours and the peers in turns. */
async function measureLoad(task: LoadTask, options: ServeOptions): Promise<ComparisonRow[]> {
  const { size, load, ours } = task;
  const { rate, figures } = load;
  const { rounds, seconds, onTurn } = options;
  const settings: Load = { seconds, ...(rate === undefined ? {} : { rate }) };
  const { peers, missing } = await startPeers(task, options);
  try {
    for (const { server } of peers) await loadServer(server, settings);
    const servers = [{ name: 'ours', server: ours }, ...peers];
    const { taken, calibration } = await calibrated(async () => {
      const turns: LoadTurn[][] = servers.map(() => []);
      for (let round = 0; round < rounds; round++)
        for (const [at, { server }] of servers.entries()) turns[at]?.push(await loadServer(server, settings));
      return { taken: turns };
    });
    return figures.map((figure) => {
      const participations = servers.map(({ name }, at) => ({
        name,
        turns: (taken[at] ?? []).map((turn) => turnOf(turn, figure.of(turn))),
      }));
      const row = contested(contestOf(size, figure), participations.filter(isMeasured));
      onTurn?.(`serve ${row.name}: ${row.ours.figure.median.toPrecision(4)} ${row.unit}`);
      return { ...row, engine, missing, calibration, peakMiB: peakMiB() };
    });
  } finally {
    for (const { server } of peers) await server.process.stop();
  }
}

interface StartedPeer {
  readonly name: string;
  readonly server: LoadedServer;
}

/** Starts the peers of a load that can take part. */
async function startPeers(
  { load, ours, folders }: LoadTask,
  { peerDirectory }: ServeOptions,
): Promise<{ readonly peers: StartedPeer[]; readonly missing: MissingPeer[] }> {
  const peers: StartedPeer[] = [];
  const missing: MissingPeer[] = [];
  for (const name of load.peers ?? []) {
    const server = { log: ours.log, reports: false };
    const problem = name === 'Serenade' ? serenadeProblem(peerDirectory) : undefined;
    if (problem !== undefined) missing.push({ name, problem });
    else if (name === 'Serenade') {
      const process = await startSerenade(peerDirectory, folders.data, folders.serenade);
      peers.push({ name, server: { ...server, process, requestOf: serenadeRequest } });
    } else peers.push({ name, server: { ...server, process: await ServerProcess.start(bareFastify()) } });
  }
  return { peers, missing };
}

function contestOf(size: ServedSize, { name, unit, better, bound }: Figure): Contest {
  const contest = { suite: 'serve', name: rowName(size, name), unit, better };
  if (bound === undefined) return contest;
  const text = `${better === 'more' ? '≥' : '≤'} ${bound.toLocaleString('en-US')} ${unit}`;
  return { ...contest, goal: { bound, text }, goalOf: 'figure' };
}

/** False for a server that does not report the figure. */
function isMeasured({ turns }: Participation): boolean {
  return turns.every(({ value }) => !Number.isNaN(value));
}
