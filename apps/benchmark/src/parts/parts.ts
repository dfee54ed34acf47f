import { repeating, type Work } from '../measure.ts';

/** Work that everything slow in training and ranking consists of: CI compares it, and the suite `parts` measures it. */
export interface Part {
  readonly name: string;
  /**
   * Loads the code and prepares the work, on one thread with plain SIMD, which every machine supports. Each part loads only
   * what it needs, because the earlier code that CI compares with may lack what another part needs.
   */
  readonly prepare: () => Promise<Work>;
}

/** All parts. */
export const parts: readonly Part[] = [
  {
    name: 'step: cross-entropy, 100 units, batch 32, 2,048 samples',
    prepare: () => prepareStep('cross-entropy'),
  },
  { name: 'step: BPR-max, 224 units, batch 80, 2,048 samples', prepare: () => prepareStep('bpr-max') },
  {
    name: 'step: in-batch only, 100 units, batch 32',
    prepare: () => prepareStep('cross-entropy', { nSample: 0 }),
  },
  {
    name: 'kernel: rows by a matrix, 80 × 224 × 2,128',
    prepare: async () => (await import('./kernels.ts')).prepareKernel('rowsTimesMatrix'),
  },
  {
    name: 'kernel: columns by rows, 2,128 × 80 × 224',
    prepare: async () => (await import('./kernels.ts')).prepareKernel('columnsTimesRows'),
  },
  {
    name: 'kernel: Adagrad on 512 rows of 100',
    prepare: async () => (await import('./kernels.ts')).prepareKernel('adagradOnRows'),
  },
  { name: 'sampler: 2,048 of 27,000 items', prepare: prepareSampler },
  { name: 'batcher: an epoch of 50,000 events, batch 32', prepare: prepareBatcher },
  { name: 'evaluation: full ranking, 3,000 items, 32 units', prepare: prepareEvaluation },
];

/** Fewer items than a shop has, because the time for tables that exceed the caches depends on other processes. */
const STEP_ITEMS = 5_000;
const engine = { threads: 1, relaxed: false };

async function prepareStep(loss: 'cross-entropy' | 'bpr-max', changes: { nSample?: number } = {}) {
  const { StepTrainer } = await import('../step-trainer.ts');
  const { drawSteps, stepConfigs } = await import('../workload.ts');
  const { createChosenEngine } = await import('../engine-choice.ts');
  const config = { ...stepConfigs[loss], ...changes };
  const steps = drawSteps(config, STEP_ITEMS);
  return new StepTrainer(config, steps, createChosenEngine(engine), STEP_ITEMS).train;
}

async function prepareSampler() {
  const { PopularitySampler } = await import('@gru4rec/sampler');
  const { itemSupport } = await import('../workload.ts');
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
