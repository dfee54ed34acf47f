import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** Measures preparation: parse TSV, filter, index, split by time, write. Starting Python is not counted. */
export async function measurePreparation(options: ContestOptions): Promise<ComparisonRow[]> {
  const events = options.events ?? EVENTS;
  const name = `TSV of ${events.toLocaleString('en-US')} events, ${ITEMS.toLocaleString('en-US')} items`;
  if (!options.only.test(name)) return [];
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-prepare-'));
  try {
    const input = join(folder, 'log.tsv');
    await writeShopLog(input, { events, items: ITEMS, seed: 1 });
    const contest = { suite: 'prepare', name, unit: 'events/s', better: 'more' as const };
    const peers = (['pandas', 'polars'] as const).map((peer) =>
      preparing(peer, input, folder, events, options),
    );
    const threads = options.engine.threads;
    return [await measureContest(contest, ours(input, folder, events, threads), peers, options)];
  } finally {
    rmSync(folder, { recursive: true });
  }
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
