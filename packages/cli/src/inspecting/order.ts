import { createBaseline } from '@gru4rec/baselines';
import { evaluate, type SessionArrays } from '@gru4rec/metrics';
import { train } from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';
import { RandomStream, shuffleInPlace } from '@gru4rec/random';
import type { SessionDataset, SessionTable } from '@gru4rec/sessions';

const CUTOFF = 20;
const SEED = 1;

/** Recall@20 of two methods that use the order of clicks: in the log, and with the clicks of each session shuffled. */
export interface OrderFigures {
  /** Sessions that are trained on and evaluated: random samples, or all. */
  readonly trainSessions: number;
  readonly testSessions: number;
  readonly rules: { readonly log: number; readonly shuffled: number };
  readonly gru: { readonly log: number; readonly shuffled: number };
}

/** The most sessions of each kind. */
export interface OrderLimits {
  readonly train: number;
  readonly test: number;
}

/** Trains sequential rules and a GRU for one epoch, each on the log and on shuffled sessions. */
export async function orderFigures(
  data: Pick<SessionDataset, 'itemIds' | 'train'>,
  heldOut: SessionArrays,
  { engine, limits }: { readonly engine: Engine; readonly limits: OrderLimits },
): Promise<OrderFigures> {
  const training = sampleSessions(data.train, limits.train, 'train');
  const test = sampleSessions(heldOut, limits.test, 'test');
  const itemCount = data.itemIds.length;
  const [onLog, onShuffled] = [
    { train: training, test },
    { train: shuffled(training, 'train'), test: shuffled(test, 'test') },
  ];
  const measured = [];
  for (const { train: sessions, test: own } of [onLog, onShuffled]) {
    // A sample need not have every item; an item has at least one click in a dataset.
    const support = new Int32Array(itemCount).fill(1);
    for (const item of sessions.items) support[item] = (support[item] ?? 0) + 1;
    const recallOf = (scorer: Parameters<typeof evaluate>[0]) =>
      evaluate(scorer, own, { cutoffs: [CUTOFF], tieRule: 'standard', lists: false }).results[0]?.recall ?? 0;
    const rules = recallOf(createBaseline('sr', { support, train: sessions }));
    const model = await train(
      { itemIds: data.itemIds, support: supportOf(sessions.items, itemCount), train: sessions },
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

type Sampled = SessionArrays & Pick<SessionTable, 'sessionStartTimes'>;

/** A seeded sample of sessions, in their order; all of them if they are not more. */
export function sampleSessions(
  { sessionOffsets, items }: SessionArrays,
  most: number,
  name: string,
): Sampled {
  const count = sessionOffsets.length - 1;
  const chosen = Int32Array.from({ length: count }, (_, session) => session);
  if (count > most) shuffleInPlace(chosen, new RandomStream(SEED, `inspect ${name}`));
  const kept = chosen.slice(0, most).sort();
  const offsets = new Int32Array(kept.length + 1);
  for (const [at, session] of kept.entries()) {
    const length = (sessionOffsets[session + 1] ?? 0) - (sessionOffsets[session] ?? 0);
    offsets[at + 1] = (offsets[at] ?? 0) + length;
  }
  const own = new Int32Array(offsets.at(-1) ?? 0);
  for (const [at, session] of kept.entries()) {
    own.set(items.subarray(sessionOffsets[session], sessionOffsets[session + 1]), offsets[at]);
  }
  return {
    sessionOffsets: offsets,
    items: own,
    sessionStartTimes: Float64Array.from(kept, (_, at) => at),
  };
}

/** The same sessions with the clicks of each in a random order. */
export function shuffled(sessions: Sampled, name: string): Sampled {
  const stream = new RandomStream(SEED, `shuffle ${name}`);
  const items = sessions.items.slice();
  const { sessionOffsets } = sessions;
  for (let session = 0; session + 1 < sessionOffsets.length; session++) {
    shuffleInPlace(items.subarray(sessionOffsets[session], sessionOffsets[session + 1]), stream);
  }
  return { ...sessions, items };
}
