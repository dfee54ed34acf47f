import { SessionParallelBatcher } from '@gru4rec/batcher';
import { evaluate } from '@gru4rec/metrics';
import { parseConfig, train } from '@gru4rec/model';
import { PopularitySampler } from '@gru4rec/sampler';
import { createChosenEngine } from '../engine-choice.ts';
import { makeEventLog, toTable, trainingDataOf } from '../event-log.ts';
import type { Work } from '../measure.ts';
import { WasmStepTrainer } from '../step-trainer.ts';
import { drawSteps, itemSupport, type MeasuredConfig, stepConfigs } from '../workload.ts';

/** Work that the CI watches. */
export interface CiRow {
  readonly name: string;
  /** Makes it ready to be measured. */
  readonly prepare: () => Promise<Work>;
}

/** One thread and plain SIMD, which every machine has. */
const engine = { threads: 1, relaxed: false };

function step(name: string, config: MeasuredConfig): CiRow {
  const prepare = async () => new WasmStepTrainer(config, drawSteps(config), { engine }).train;
  return { name, prepare };
}

async function prepareSampler(): Promise<Work> {
  const sampler = new PopularitySampler({ support: itemSupport(), alpha: 0.5, seed: 1 });
  const out = new Int32Array(2048);
  let count = 0;
  return (times) => {
    for (let i = 0; i < times; i++) sampler.sample(count++, out);
  };
}

async function prepareBatcher(): Promise<Work> {
  const table = toTable(makeEventLog({ items: 3_000, events: 50_000, heldOut: 100 }).train);
  const batcher = new SessionParallelBatcher({ ...table, batchSize: 32, order: 'stored' });
  return (times) => {
    for (let i = 0; i < times; i++) {
      batcher.startEpoch(0);
      while (batcher.next());
    }
  };
}

async function prepareEvaluation(): Promise<Work> {
  const log = makeEventLog({ items: 3_000, events: 20_000, heldOut: 400 });
  const config = parseConfig({ layers: [32], nSample: 128, nEpochs: 1, seed: 1 });
  const model = await train(trainingDataOf(log), config, { engine: createChosenEngine(engine) });
  const scorer = model.scorer();
  const table = toTable(log.test);
  return (times) => {
    for (let i = 0; i < times; i++) evaluate(scorer, table, { cutoffs: [20] });
  };
}

/** A handful of rows over everything that is slow in training and ranking. */
export const ciRows: readonly CiRow[] = [
  step('step: cross-entropy, 100 units, batch 32, 2,048 samples', stepConfigs['cross-entropy']),
  step('step: BPR-max, 224 units, batch 80, 2,048 samples', stepConfigs['bpr-max']),
  step('step: in-batch only, 100 units, batch 32', { ...stepConfigs['cross-entropy'], nSample: 0 }),
  { name: 'sampler: 2,048 of 27,000 items', prepare: prepareSampler },
  { name: 'batcher: an epoch of 50,000 events, batch 32', prepare: prepareBatcher },
  { name: 'evaluation: full ranking, 3,000 items, 32 units', prepare: prepareEvaluation },
];
