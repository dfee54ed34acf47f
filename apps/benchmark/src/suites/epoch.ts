import { join } from 'node:path';
import { evaluate } from '@gru4rec/metrics';
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
import { whole } from '../measure.ts';
import { lastEvent, numbersOf, peerEntrants } from '../peers/peers.ts';
import { ITEMS, type MeasuredStep, measuredStep } from '../steps.ts';

interface EpochRow extends MeasuredStep {
  readonly items: number;
  /** The least ratio to the peer with kernels of WebAssembly, and with native ones. */
  readonly goals: { readonly wasm?: number; readonly native?: number };
}

/** Like the peer, ours uses PyTorch's cell and shuffles sessions. */
const asPeer = { gru: 'reset-after', sessionOrder: 'shuffled', nEpochs: 1, seed: 1, learningRate: 0.05 };

function row(
  [loss, sizes]: Parameters<typeof measuredStep>,
  goals: EpochRow['goals'],
  items: number = ITEMS,
): EpochRow {
  const { name, config } = measuredStep(loss, sizes, asPeer);
  const prefix = sizes.nSample === 0 ? 'in-batch only: ' : '';
  return { name: prefix + name, items, config, goals };
}

export const epochRows: readonly EpochRow[] = [
  row(['cross-entropy', {}], { wasm: 5.4, native: 7 }),
  row(['bpr-max', { units: 224, batchSize: 80 }], { wasm: 1.75, native: 4 }),
  row(['cross-entropy', { units: 512, batchSize: 128 }], { wasm: 1, native: 2.5 }),
  row(['cross-entropy', { nSample: 0 }], { wasm: 10, native: 10 }),
  ...[16, 64].flatMap((units) =>
    [1_000, 5_000].flatMap((items) =>
      [32, 512].map((batchSize) => {
        const small = row(['cross-entropy', { units, batchSize }], { native: 8 }, items);
        return { ...small, name: `small: ${small.name}, ${whole(items)} items` };
      }),
    ),
  ),
];

const [EVENTS, HELD_OUT] = [80_000, 500];

export function measureEpochs(options: ContestOptions): Promise<ComparisonRow[]> {
  return measureEach(epochRows, options.only, (one) =>
    inTemporaryFolder('benchmark-epoch', (folder) => measureEpoch(one, folder, options)),
  );
}

async function measureEpoch(
  { name, items, config, goals }: EpochRow,
  folder: string,
  options: ContestOptions,
): Promise<ComparisonRow> {
  const { engine, events = EVENTS } = options;
  const log = makeEventLog({ items, events, heldOut: Math.min(HELD_OUT, Math.ceil(events / 50)) });
  const files = { train: join(folder, 'train.tsv'), test: join(folder, 'test.tsv') };
  writeSessions(files.train, log.train);
  writeSessions(files.test, log.test);
  const { name: ofEngine = 'wasm', kernels } = engine;
  const leastRatio = ofEngine === 'wasm' ? goals[kernels ? 'native' : 'wasm'] : undefined;
  const contest = { suite: 'epoch', name, unit: 'events/s', better: 'more', leastRatio } as const;
  const task = { task: 'train', ...files, config, warmUpEvents: 4_000 };
  const peers = peerEntrants({ peer: 'cornac', runner: 'cornac_gru4rec' }, task, (lines) => {
    const epoch = numbersOf(lastEvent(lines, 'epoch'), ['loss', 'seconds', 'steps', 'events']);
    const { recall, mrr } = numbersOf(lastEvent(lines, 'done'), ['recall', 'mrr']);
    const { loss, seconds } = epoch;
    const stepsPerSecond = epoch.steps / seconds;
    const correctness = { loss, recall, mrr, stepsPerSecond, events: epoch.events };
    return { value: epoch.events / seconds, correctness };
  });
  const ours = { name: 'ours', take: () => trainOnce(log, config, engine) };
  // Once without counting, to warm up.
  await ours.take();
  return measureContest(contest, [ours, ...peers], options);
}

async function trainOnce(log: EventLog, config: ModelConfig, choice: EngineChoice): Promise<Turn> {
  const model = await train(trainingDataOf(log), config, { engine: createMeasuredEngine(choice) });
  try {
    const none = { loss: NaN, events: NaN, eventsPerSecond: NaN, stepsPerSecond: NaN };
    const { loss, events, eventsPerSecond: value, stepsPerSecond } = model.history.at(-1) ?? none;
    const { results } = evaluate(model.scorer(), toTable(log.test), { cutoffs: [20], tieRule: 'standard' });
    const { recall = NaN, mrr = NaN } = results[0] ?? {};
    return { value, correctness: { loss, recall, mrr, stepsPerSecond, events } };
  } finally {
    model.dispose();
  }
}
