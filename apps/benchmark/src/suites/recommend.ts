import { type Gru4Rec, parseConfig, train } from '@gru4rec/model';
import { RandomStream } from '@gru4rec/random';
import type { ComparisonRow, Contestant } from '../comparison.ts';
import { createChosenEngine } from '../engine-choice.ts';
import { summarize } from '../measure.ts';
import { lastEvent } from '../peers/events.ts';
import { peerProgram, runPeer } from '../peers/run-peer.ts';
import { type ContestOptions, measureContest, type Peers, peerContestants, withThreads } from './contest.ts';

const ITEMS = 100_000;
const UNITS = 100;
const LIST = 20;
const CALLS = 400;
const NAME = '100,000 items, 100 units, top 20, one thread';

/** Measures one click of a new session with its recommendations, on one thread. */
export async function measureRecommendations(options: ContestOptions): Promise<ComparisonRow[]> {
  if (!options.only.test(NAME)) return [];
  const engine = { ...options.engine, threads: 1 };
  const config = parseConfig({ layers: [UNITS], nSample: 0, batchSize: 2, nEpochs: 1, seed: 1 });
  const model = await train(untrained(), config, { engine: createChosenEngine(engine) });
  try {
    const contest = {
      suite: 'recommend',
      name: NAME,
      unit: 'ms',
      better: 'less' as const,
      goal: { bound: 1, text: '≤ 1 ms' },
      goalOf: 'figure' as const,
    };
    return [await measureContest(contest, recommending(model), [peers(options)], { ...options, engine })];
  } finally {
    model.dispose();
  }
}

/** An untrained model. Two sessions are enough to create it. */
function untrained() {
  return {
    itemIds: Array.from({ length: ITEMS }, (_, item) => String(item)),
    support: new Int32Array(ITEMS).fill(1),
    train: {
      sessionOffsets: Int32Array.of(0, 2, 4),
      items: Int32Array.of(0, 1, 2, 3),
      sessionStartTimes: Float64Array.of(0, 1),
    },
  };
}

function recommending(model: Gru4Rec): Contestant {
  const random = new RandomStream(1, 'benchmark.recommend');
  const take = async () => {
    const milliseconds: number[] = [];
    let recommended = 0;
    for (let call = 0; call < CALLS; call++) {
      const item = String(random.nextBelow(ITEMS));
      const start = performance.now();
      const visit = model.startSession();
      visit.click(item);
      recommended = visit.top(LIST).length;
      if (call >= CALLS / 10) milliseconds.push(performance.now() - start);
    }
    return { value: summarize(milliseconds).median, correctness: { recommended } };
  };
  return { name: 'ours', take };
}

function peers({ peerDirectory }: ContestOptions): Peers {
  const program = peerProgram(peerDirectory, 'cornac', 'cornac_gru4rec');
  const request = { task: 'recommend', items: ITEMS, config: { layers: [UNITS] }, calls: CALLS, threads: 1 };
  return peerContestants(peerDirectory, 'cornac', (name) => [
    {
      name: withThreads(name, 1),
      take: async () => {
        const events = await runPeer(program, request);
        const { milliseconds } = lastEvent(events, 'latencies');
        const { recommended } = lastEvent(events, 'done');
        return {
          value: summarize(milliseconds as number[]).median,
          correctness: { recommended: Number(recommended) },
        };
      },
    },
  ]);
}
