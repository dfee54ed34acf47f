import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ComparisonRow, Contestant } from '../comparison.ts';
import { writeLogParts } from '../generate/write-log-parts.ts';
import { lastEvent, numberOf } from '../peers/events.ts';
import type { PeerName } from '../peers/peers.ts';
import { type PeerProgram, type PeerRequest, peerProgram, runPeer } from '../peers/run-peer.ts';
import { type ContestOptions, measureContest, peerContestants } from './contest.ts';
import { countsOf, rules } from './prepare.ts';

/** Options of the suite. */
export interface ScaleOptions extends ContestOptions {
  /** The memory limit of ours, in the notation of `prepare`. */
  readonly memoryLimit: string;
  /** GiB of memory at which a peer is killed, to protect the machine. */
  readonly peerMemory: number;
}

const EVENTS = 100_000_000;
const EVENTS_PER_ITEM = 100;

/** Measures preparation of a log that is larger than the memory limit, each program in its own process. */
export async function measureScale(options: ScaleOptions): Promise<ComparisonRow[]> {
  const events = options.events ?? EVENTS;
  const items = Math.max(10, Math.round(events / EVENTS_PER_ITEM));
  const name =
    `Parquet of ${events.toLocaleString('en-US')} events, ${items.toLocaleString('en-US')} items, ` +
    `ours within ${options.memoryLimit}`;
  if (!options.only.test(name)) return [];
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-scale-'));
  try {
    const log = join(folder, 'log');
    await writeLogParts(log, { events, items, seed: 1 });
    const goal = { bound: 0.7, text: '≥ 0.7×' };
    const contest = { suite: 'scale', name, unit: 'events/s', better: 'more' as const, goal };
    const peers = (['pandas', 'polars'] as const).map((peer) =>
      peerContestants(options.peerDirectory, peer, (peerName) => [
        peerPreparing(peer, peerName, { log, folder, events, options }),
      ]),
    );
    return [await measureContest(contest, ours({ log, folder, events, options }), peers, options)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Place {
  /** The folder of Parquet files. */
  readonly log: string;
  /** The folder for results. */
  readonly folder: string;
  readonly events: number;
  readonly options: ScaleOptions;
}

function ours({ log, folder, events, options }: Place): Contestant {
  const { threads } = options.engine;
  const program = {
    file: process.execPath,
    words: [
      ...['--import', createRequire(import.meta.url).resolve('tsx'), '--conditions=@gru4rec/source'],
      fileURLToPath(new URL('./prepare-process.ts', import.meta.url)),
    ],
  };
  const request = {
    ...rules,
    inputs: readdirSync(log)
      .sort()
      .map((file) => join(log, file)),
    output: join(folder, 'ours'),
    overwrite: true,
    memoryLimit: options.memoryLimit,
    threads: threads ?? 2,
  };
  return contestant('ours', program, request, { events });
}

function peerPreparing(peer: PeerName, name: string, { log, folder, events, options }: Place): Contestant {
  const program = peerProgram(options.peerDirectory, peer, `${peer}_prepare`);
  const output = join(folder, peer);
  const request = { ...rules, input: log, output, engine: 'streaming', threads: options.engine.threads ?? 2 };
  return contestant(name, program, request, { events, memoryMiB: options.peerMemory * 1024 });
}

function contestant(
  name: string,
  program: PeerProgram,
  request: PeerRequest & { readonly output: string },
  { events, memoryMiB }: { readonly events: number; readonly memoryMiB?: number },
): Contestant {
  const take = async () => {
    try {
      const lines = await runPeer(program, request, memoryMiB);
      const prepared = lastEvent(lines, 'prepared');
      const seconds = numberOf(prepared, 'seconds');
      return {
        value: events / seconds,
        correctness: countsOf(lastEvent(lines, 'done')),
        process: { seconds, peakMiB: numberOf(prepared, 'peakMiB') },
      };
    } finally {
      // Results are several times the size of the log, so they are removed before the next contestant.
      rmSync(request.output, { recursive: true, force: true });
    }
  };
  return { name, take };
}
