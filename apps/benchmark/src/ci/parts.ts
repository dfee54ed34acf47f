import { repeating, type Work } from '../measure.ts';

/**
 * What everything slow in training and ranking consists of, on one thread with plain SIMD. Each part loads only what it needs:
 * the earlier code may lack the rest. Kernels are measured in the steps: matrix products are 70 % of that of BPR-max.
 */
export interface Part {
  readonly name: string;
  readonly prepare: () => Promise<Work>;
}

export const parts: readonly Part[] = [
  step('step: cross-entropy, 100 units, batch 32, 2,048 samples', 'cross-entropy', {}),
  step('step: BPR-max, 224 units, batch 80, 2,048 samples', 'bpr-max', { units: 224, batchSize: 80 }),
  step('step: in-batch only, 100 units, batch 32', 'cross-entropy', { nSample: 0 }),
  { name: 'sampler: 2,048 of 27,000 items', prepare: prepareSampler },
  { name: 'batcher: an epoch of 50,000 events, batch 32', prepare: prepareBatcher },
  { name: 'evaluation: full ranking, 3,000 items, 32 units', prepare: prepareEvaluation },
];

const engine = { threads: 1, relaxed: false };

function step(
  name: string,
  loss: 'cross-entropy' | 'bpr-max',
  sizes: { units?: number; batchSize?: number; nSample?: number },
): Part {
  const prepare = async () => {
    const { measuredStep, StepTrainer } = await import('../steps.ts');
    const { createChosenEngine } = await import('../engine-choice.ts');
    // Fewer items than a shop has, because the time for tables that exceed the caches depends on other processes.
    return new StepTrainer(measuredStep(loss, sizes).config, createChosenEngine(engine), 5_000).train;
  };
  return { name, prepare };
}

async function prepareSampler() {
  const { PopularitySampler } = await import('@gru4rec/sampler');
  const { itemSupport } = await import('../steps.ts');
  const sampler = new PopularitySampler({ support: itemSupport(), alpha: 0.5, seed: 1 });
  const out = new Int32Array(2048);
  let count = 0;
  return repeating(() => sampler.sample(count++, out));
}

async function prepareBatcher() {
  const { SessionParallelBatcher } = await import('@gru4rec/batcher');
  const { makeEventLog, toTable } = await import('../event-log.ts');
  const table = toTable(makeEventLog({ items: 3_000, events: 50_000, heldOut: 100 }).train);
  const batcher = new SessionParallelBatcher({ ...table, batchSize: 32, order: 'stored' });
  return repeating(() => {
    batcher.startEpoch(0);
    while (batcher.next());
  });
}

async function prepareEvaluation() {
  const { evaluate } = await import('@gru4rec/metrics');
  const { parseConfig, train } = await import('@gru4rec/model');
  const { createChosenEngine } = await import('../engine-choice.ts');
  const { makeEventLog, toTable, trainingDataOf } = await import('../event-log.ts');
  const log = makeEventLog({ items: 3_000, events: 20_000, heldOut: 400 });
  const config = parseConfig({ layers: [32], nSample: 128, nEpochs: 1, seed: 1 });
  const model = await train(trainingDataOf(log), config, { engine: createChosenEngine(engine) });
  const scorer = model.scorer();
  const table = toTable(log.test);
  return repeating(() => evaluate(scorer, table, { cutoffs: [20], tieRule: 'standard' }));
}
