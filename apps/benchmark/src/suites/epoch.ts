import { join } from 'node:path';
import { evaluate, figuresAt } from '@gru4rec/metrics';
import { type ModelConfig, train } from '@gru4rec/model';
import {
  type ComparisonRow,
  type ContestOptions,
  measureContest,
  measureEach,
  type Turn,
} from '../contest.ts';
import { createMeasuredEngine, type EngineChoice } from '../engine-choice.ts';
import { inTemporaryFolder } from '../environment.ts';
import { type EventLog, makeEventLog, toTable, trainingDataOf, writeSessions } from '../event-log.ts';
import { peerEntrants } from '../peers.ts';
import { ITEMS, type MeasuredStep, measuredStep } from '../steps.ts';

/** Like the peer, ours uses PyTorch's cell and shuffles sessions. */
const asPeer = { gru: 'reset-after', sessionOrder: 'shuffled', nEpochs: 1, seed: 1, learningRate: 0.05 };

const epochRows: readonly (MeasuredStep & { readonly items: number })[] = [
  { items: ITEMS, ...measuredStep('cross-entropy', {}, asPeer) },
  { items: ITEMS, ...measuredStep('bpr-max', { units: 224, batchSize: 80 }, asPeer) },
  { items: ITEMS, ...measuredStep('cross-entropy', { units: 512, batchSize: 128 }, asPeer) },
  { items: ITEMS, ...measuredStep('cross-entropy', { nSample: 0 }, asPeer) },
  { items: 1_000, ...measuredStep('cross-entropy', { units: 16, batchSize: 512 }, asPeer) },
];

const [EVENTS, HELD_OUT] = [80_000, 500];

export function measureEpochs(options: ContestOptions): Promise<ComparisonRow[]> {
  return measureEach(epochRows, options.only, (one) =>
    inTemporaryFolder('benchmark-epoch', (folder) => measureEpoch(one, folder, options)),
  );
}

type Trained = Readonly<Record<'loss' | 'seconds' | 'steps' | 'events' | 'recall' | 'mrr', number>>;

async function measureEpoch(
  { name, items, config }: (typeof epochRows)[number],
  folder: string,
  options: ContestOptions,
): Promise<ComparisonRow> {
  const { engine, events = EVENTS } = options;
  const log = makeEventLog({ items, events, heldOut: Math.min(HELD_OUT, Math.ceil(events / 50)) });
  const files = { train: join(folder, 'train.tsv'), test: join(folder, 'test.tsv') };
  writeSessions(files.train, log.train);
  writeSessions(files.test, log.test);
  const task = { ...files, config, warmUpEvents: 4_000 };
  const cornac = { peer: 'cornac', runner: 'cornac_gru4rec', threads: [1, 2] } as const;
  const peers = peerEntrants<Trained>(cornac, task, ({ loss, seconds, steps, events, recall, mrr }) => {
    const correctness = { loss, recall, mrr, stepsPerSecond: steps / seconds, events };
    return { value: events / seconds, correctness };
  });
  const ours = { name: 'ours', take: () => trainOnce(log, config, engine) };
  await ours.take();
  const contest = { suite: 'epoch', name, unit: 'events/s', better: 'more' } as const;
  return measureContest(contest, [ours, ...peers], options);
}

async function trainOnce(log: EventLog, config: ModelConfig, choice: EngineChoice): Promise<Turn> {
  const model = await train(trainingDataOf(log), config, { engine: createMeasuredEngine(choice) });
  try {
    const none = { loss: NaN, events: NaN, eventsPerSecond: NaN, stepsPerSecond: NaN };
    const { loss, events, eventsPerSecond: value, stepsPerSecond } = model.history.at(-1) ?? none;
    const evaluation = evaluate(model.scorer(), toTable(log.test), { tieRule: 'standard' });
    const { recall, mrr } = figuresAt(evaluation, 20);
    return { value, correctness: { loss, recall, mrr, stepsPerSecond, events } };
  } finally {
    model.dispose();
  }
}
