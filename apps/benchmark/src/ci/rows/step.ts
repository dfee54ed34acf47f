import type { Work } from '../../measure.ts';
import { WasmStepTrainer } from '../../step-trainer.ts';
import { drawSteps, type MeasuredConfig, stepConfigs } from '../../workload.ts';

/** Fewer than a shop has, since tables that no cache holds take as long as the neighbours of the process let them. */
const ITEMS = 5_000;

/** Steps of training on one thread with plain SIMD, which every machine has. */
export function prepareStep(loss: MeasuredConfig['loss'], changes: { readonly nSample?: number } = {}): Work {
  const config = { ...stepConfigs[loss], ...changes };
  return new WasmStepTrainer(config, drawSteps(config, ITEMS), {
    engine: { threads: 1, relaxed: false },
    items: ITEMS,
  }).train;
}
