import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { prepare } from '@gru4rec/preprocess';
import { writeShopLog } from '@gru4rec/synthetic';
import type { ComparisonRow, Contestant } from '../comparison.ts';
import { lastEvent, numberOf } from '../peers/events.ts';
import type { PeerName } from '../peers/peers.ts';
import { peerProgram, runPeer } from '../peers/run-peer.ts';
import { type ContestOptions, measureContest, type Peers, peerContestants } from './contest.ts';

const EVENTS = 2_000_000;
const ITEMS = 30_000;
/** The preparation rules of every contestant, in addition to removing sessions of one event. */
export const rules: { readonly minItemSupport: number; readonly testDays: number } = {
  minItemSupport: 5,
  testDays: 1,
};

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
  const log = (format: Format) =>
    `${format} of ${events.toLocaleString('en-US')} events, ${ITEMS.toLocaleString('en-US')} items`;
  const named = rows.map((row) => ({ ...row, name: `${log(row.format)}, beside ${row.peer}` }));
  const chosen = named.filter(({ name }) => options.only.test(name));
  if (chosen.length === 0) return [];
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-prepare-'));
  try {
    const inputs = { TSV: join(folder, 'log.tsv'), 'JSON Lines': join(folder, 'log.jsonl') };
    await writeShopLog(inputs.TSV, { events, items: ITEMS, seed: 1 });
    if (chosen.some(({ format }) => format === 'JSON Lines'))
      await writeJsonLines(inputs.TSV, inputs['JSON Lines']);
    const measured: ComparisonRow[] = [];
    for (const { format, peer, bound, name } of chosen) {
      const goal = { bound, text: `≥ ${bound}×` };
      const contest = { suite: 'prepare', name, unit: 'events/s', better: 'more' as const, goal };
      const input = inputs[format];
      const peers = [preparing(peer, input, folder, events, options)];
      measured.push(
        await measureContest(contest, ours(input, folder, events, options.engine.threads), peers, options),
      );
    }
    return measured;
  } finally {
    rmSync(folder, { recursive: true });
  }
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

function ours(input: string, folder: string, events: number, threads: number | undefined): Contestant {
  const output = join(folder, 'ours');
  const take = async () => {
    const start = performance.now();
    const { manifest } = await prepare({
      inputs: [input],
      output,
      overwrite: true,
      minSessionLength: 2,
      ...rules,
      ...(threads === undefined ? {} : { threads }),
    });
    const seconds = (performance.now() - start) / 1000;
    const { items, splits } = manifest.counts;
    const correctness = countsOf({ items, train: splits.train, test: splits.test });
    return { value: events / seconds, correctness };
  };
  return { name: 'ours', take };
}

function preparing(
  peer: PeerName,
  input: string,
  folder: string,
  events: number,
  { peerDirectory, engine }: ContestOptions,
): Peers {
  const program = peerProgram(peerDirectory, peer, `${peer}_prepare`);
  const request = { input, output: join(folder, peer), ...rules, threads: engine.threads ?? 2 };
  return peerContestants(peerDirectory, peer, (name) => [
    {
      name,
      take: async () => {
        const lines = await runPeer(program, request);
        const seconds = numberOf(lastEvent(lines, 'prepared'), 'seconds');
        return { value: events / seconds, correctness: countsOf(lastEvent(lines, 'done')) };
      },
    },
  ]);
}

/** The counts on which all contestants must agree. */
export function countsOf(counts: Readonly<Record<string, unknown>>): Record<string, number> {
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
