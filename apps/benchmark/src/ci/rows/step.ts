import type { Work } from '../../measure.ts';
import { WasmStepTrainer } from '../../step-trainer.ts';
import { drawSteps, type MeasuredConfig, stepConfigs } from '../../workload.ts';

/** Fewer items than a shop has, because the time for tables that exceed the caches depends on other processes. */
const ITEMS = 5_000;

/** Training steps on one thread with plain SIMD, which every machine supports. */
export function prepareStep(loss: MeasuredConfig['loss'], changes: { readonly nSample?: number } = {}): Work {
  const config = { ...stepConfigs[loss], ...changes };
  return new WasmStepTrainer(config, drawSteps(config, ITEMS), {
    engine: { threads: 1, relaxed: false },
    items: ITEMS,
  }).train;
}
