import { createReadStream, createWriteStream, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type PrepareOptions, prepare } from '@gru4rec/preprocess';
import { writeShopLog } from '@gru4rec/synthetic';
import { atLeastTimes, type ComparisonRow, type Contestant, type Entrant } from '../comparison.ts';
import { whole } from '../figures.ts';
import { writeLogParts } from '../generate/write-log-parts.ts';
import { ownProgram, type Program } from '../own-program.ts';
import { lastEvent, numberOf } from '../peers/events.ts';
import type { PeerName } from '../peers/peers.ts';
import { type PeerRequest, peerProgram, runPeer } from '../peers/run-peer.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';
import { type ContestOptions, measureContest, measureEach, peerContestants } from './contest.ts';
import type { OwnTask } from './own-process.ts';

const EVENTS = 2_000_000;
const ITEMS = 30_000;
/** The preparation rules of every contestant, in addition to removing sessions of one event. */
const rules = { minItemSupport: 5, testDays: 1 };

type Format = 'TSV' | 'JSON Lines';

/** A log, the program that ours is compared with, and the ratio to reach. */
const rows: readonly { readonly format: Format; readonly peer: PeerName; readonly bound: number }[] = [
  { format: 'TSV', peer: 'polars', bound: 0.8 },
  { format: 'TSV', peer: 'pandas', bound: 2 },
  { format: 'JSON Lines', peer: 'polars', bound: 0.8 },
  { format: 'JSON Lines', peer: 'pandas', bound: 2 },
];

/** Measures preparation: parse text, filter, index, split by time, write. Starting Python is not counted. */
export async function measurePreparation(options: ContestOptions): Promise<ComparisonRow[]> {
  const events = options.events ?? EVENTS;
  const log = (format: Format) => `${format} of ${whole(events)} events, ${whole(ITEMS)} items`;
  const named = rows.map((row) => ({ ...row, name: `${log(row.format)}, beside ${row.peer}` }));
  const chosen = named.filter(({ name }) => options.only.test(name));
  if (chosen.length === 0) return [];
  return inTemporaryFolder('benchmark-prepare', async (folder) => {
    const inputs = { TSV: join(folder, 'log.tsv'), 'JSON Lines': join(folder, 'log.jsonl') };
    await writeShopLog(inputs.TSV, { events, items: ITEMS, seed: 1 });
    if (chosen.some(({ format }) => format === 'JSON Lines'))
      await writeJsonLines(inputs.TSV, inputs['JSON Lines']);
    return measureEach(chosen, /./, ({ format, peer, bound, name }) => {
      const goal = atLeastTimes(bound);
      const contest = { suite: 'prepare', name, unit: 'events/s', better: 'more', goal } as const;
      const input = inputs[format];
      const { threads } = options.engine;
      const own = { inputs: [input], output: join(folder, 'ours'), ...(threads && { threads }) };
      const peers = preparingPeer(peer, { input, output: join(folder, peer) }, events, options);
      return measureContest(contest, [preparing(own, events), ...peers], options);
    });
  });
}

/** Writes the rows of a TSV log as JSON Lines, ids as strings and times as numbers. */
async function writeJsonLines(tsv: string, output: string): Promise<void> {
  async function* lines(): AsyncGenerator<string> {
    let isHeader = true;
    for await (const line of createInterface({ input: createReadStream(tsv) })) {
      const [session, item, time] = line.split('\t');
      if (!isHeader) yield `{"SessionId":"${session}","ItemId":"${item}","Time":${time}}\n`;
      isHeader = false;
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(output));
}

/** Ours, in this process. */
function preparing(
  options: Pick<PrepareOptions, 'inputs' | 'output' | 'threads'>,
  events: number,
): Contestant {
  const take = async () => {
    const start = performance.now();
    const { manifest } = await prepare({ ...options, overwrite: true, minSessionLength: 2, ...rules });
    const seconds = (performance.now() - start) / 1000;
    const { items, splits } = manifest.counts;
    return { value: events / seconds, correctness: countsOf({ items, ...splits }) };
  };
  return { name: 'ours', take };
}

/** Options of the suite `scale`. */
export interface ScaleOptions extends ContestOptions {
  /** The memory limit of ours, in the notation of `prepare`. */
  readonly memoryLimit: string;
  /** GiB of memory at which a peer is killed, to protect the machine. */
  readonly peerMemory: number;
}

const SCALE_EVENTS = 100_000_000;
const EVENTS_PER_ITEM = 100;

/** Measures preparation of a log that is larger than the memory limit, each program in its own process. */
export async function measureScale(options: ScaleOptions): Promise<ComparisonRow[]> {
  const { events = SCALE_EVENTS, memoryLimit, engine } = options;
  const items = Math.max(10, Math.round(events / EVENTS_PER_ITEM));
  const name = `Parquet of ${whole(events)} events, ${whole(items)} items, ours within ${memoryLimit}`;
  if (!options.only.test(name)) return [];
  return inTemporaryFolder('benchmark-scale', async (folder) => {
    const log = join(folder, 'log');
    await writeLogParts(log, { events, items, seed: 1 });
    const goal = atLeastTimes(0.7);
    const contest = { suite: 'scale', name, unit: 'events/s', better: 'more', goal } as const;
    const files = readdirSync(log).sort();
    const output = join(folder, 'ours');
    const own: OwnTask = {
      options: {
        ...rules,
        inputs: files.map((file) => join(log, file)),
        output,
        overwrite: true,
        memoryLimit,
        threads: engine.threads ?? 2,
      },
    };
    const program = ownProgram(new URL('./own-process.ts', import.meta.url));
    const request = { ...own, threads: engine.threads ?? 2 };
    const ours = { name: 'ours', take: () => prepareInOwnProcess(program, request, { events, output }) };
    const peers = (['pandas', 'polars'] as const).flatMap((peer) => {
      const task = { input: log, output: join(folder, peer), engine: 'streaming' };
      return preparingPeer(peer, task, events, options, options.peerMemory * 1024);
    });
    return [await measureContest(contest, [ours, ...peers], options)];
  });
}

function preparingPeer(
  peer: PeerName,
  task: { readonly input: string; readonly output: string; readonly engine?: string },
  events: number,
  { peerDirectory, engine }: ContestOptions,
  memoryMiB?: number,
): readonly Entrant[] {
  const program = peerProgram(peerDirectory, peer, `${peer}_prepare`);
  const request = { ...task, ...rules, threads: engine.threads ?? 2 };
  const limits = { events, output: task.output, ...(memoryMiB && { memoryMiB }) };
  return peerContestants(peerDirectory, peer, (name) => [
    { name, take: () => prepareInOwnProcess(program, request, limits) },
  ]);
}

/** Prepares once, and removes the result. */
async function prepareInOwnProcess(
  program: Program,
  request: PeerRequest,
  { events, output, memoryMiB }: { events: number; output: string; memoryMiB?: number },
) {
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
    rmSync(output, { recursive: true, force: true });
  }
}

/** The counts on which all contestants must agree. */
function countsOf(counts: Readonly<Record<string, unknown>>): Record<string, number> {
  const part = (name: string) =>
    counts[name] as { readonly events: number; readonly sessions: number } | undefined;
  const [train, test] = [part('train'), part('test')];
  return {
    items: Number(counts['items']),
    trainEvents: train?.events ?? 0,
    trainSessions: train?.sessions ?? 0,
    testEvents: test?.events ?? 0,
    testSessions: test?.sessions ?? 0,
  };
}
