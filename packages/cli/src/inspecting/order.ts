import { createBaseline } from '@gru4rec/baselines';
import type { SessionDataset } from '@gru4rec/dataset';
import { evaluate, type SessionArrays, sampleSessions } from '@gru4rec/metrics';
import { train } from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';
import { RandomStream, shuffleInPlace } from '@gru4rec/random';

const CUTOFF = 20;
const SEED = 1;

/** Recall@20 of two methods that use the order of clicks: in the log, and with the clicks of each session shuffled. */
export interface OrderFigures {
  readonly trainSessions: number;
  readonly testSessions: number;
  readonly rules: { readonly log: number; readonly shuffled: number };
  readonly gru: { readonly log: number; readonly shuffled: number };
}

interface OrderLimits {
  readonly train: number;
  readonly test: number;
}

export async function orderFigures(
  data: Pick<SessionDataset, 'itemIds' | 'train'>,
  heldOut: SessionArrays,
  { engine, limits }: { readonly engine: Engine; readonly limits: OrderLimits },
): Promise<OrderFigures> {
  const training = sampleSessions(data.train, { size: limits.train, seed: SEED });
  const test = sampleSessions(heldOut, { size: limits.test, seed: SEED });
  const itemCount = data.itemIds.length;
  const [onLog, onShuffled] = [
    { train: training, test },
    { train: shuffled(training, 'train'), test: shuffled(test, 'test') },
  ];
  const measured = [];
  for (const { train: sessions, test: own } of [onLog, onShuffled]) {
    const support = supportOf(sessions.items, itemCount);
    const recallOf = (scorer: Parameters<typeof evaluate>[0]) =>
      evaluate(scorer, own, { cutoffs: [CUTOFF], tieRule: 'standard', lists: false }).results[0]?.recall ?? 0;
    // A sample need not have every item; an item has at least one click in a dataset.
    const clicks = support.map((count) => count + 1);
    const rules = recallOf(createBaseline('sr', { support: clicks, train: sessions }));
    // In the order of the log.
    const sessionStartTimes = Float64Array.from(
      { length: sessions.sessionOffsets.length - 1 },
      (_, at) => at,
    );
    const model = await train(
      { itemIds: data.itemIds, support, train: { ...sessions, sessionStartTimes } },
      { ...GRU, seed: SEED, batchSize: Math.min(32, sessions.sessionOffsets.length - 1) },
      { engine, keepDiverged: true },
    );
    measured.push({ rules, gru: recallOf(model.scorer()) });
    model.dispose();
  }
  const [log, mixed] = measured as [{ rules: number; gru: number }, { rules: number; gru: number }];
  return {
    trainSessions: training.sessionOffsets.length - 1,
    testSessions: test.sessionOffsets.length - 1,
    rules: { log: log.rules, shuffled: mixed.rules },
    gru: { log: log.gru, shuffled: mixed.gru },
  };
}

const GRU = { loss: 'cross-entropy', layers: [64], nSample: 512, nEpochs: 1 } as const;

function supportOf(items: Int32Array, itemCount: number): Int32Array {
  const support = new Int32Array(itemCount);
  for (const item of items) support[item] = (support[item] ?? 0) + 1;
  return support;
}

export function shuffled(sessions: SessionArrays, name: string): SessionArrays {
  const stream = new RandomStream(SEED, `shuffle ${name}`);
  const { sessionOffsets } = sessions;
  const items = sessions.items.slice();
  for (let session = 0; session + 1 < sessionOffsets.length; session++) {
    shuffleInPlace(items.subarray(sessionOffsets[session], sessionOffsets[session + 1]), stream);
  }
  return { sessionOffsets, items };
}
