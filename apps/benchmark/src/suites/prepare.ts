import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type PrepareOptions, prepare } from '@gru4rec/preprocess';
import { writeShopLog } from '@gru4rec/synthetic';
import {
  atLeastTimes,
  type ComparisonRow,
  type Contestant,
  type ContestOptions,
  type Entrant,
  measureContest,
  measureEach,
} from '../contest.ts';
import { whole } from '../figures.ts';
import type { Program } from '../own-program.ts';
import { peerContestants } from '../peers/contestants.ts';
import { lastEvent, numberOf } from '../peers/events.ts';
import type { PeerName } from '../peers/peers.ts';
import { type PeerRequest, peerProgram, runPeer } from '../peers/run-peer.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';

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

function preparingPeer(
  peer: PeerName,
  task: { readonly input: string; readonly output: string },
  events: number,
  { peerDirectory, engine }: ContestOptions,
): readonly Entrant[] {
  const program = peerProgram(peerDirectory, peer, `${peer}_prepare`);
  const request = { ...task, ...rules, threads: engine.threads ?? 2 };
  return peerContestants(peerDirectory, peer, (name) => [
    { name, take: () => prepareInOwnProcess(program, request, events) },
  ]);
}

async function prepareInOwnProcess(program: Program, request: PeerRequest, events: number) {
  const lines = await runPeer(program, request);
  const prepared = lastEvent(lines, 'prepared');
  const seconds = numberOf(prepared, 'seconds');
  return {
    value: events / seconds,
    correctness: countsOf(lastEvent(lines, 'done')),
    process: { seconds, peakMiB: numberOf(prepared, 'peakMiB') },
  };
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
