import type { Work } from '../../measure.ts';
import { WasmStepTrainer } from '../../step-trainer.ts';
import { drawSteps, type MeasuredConfig, stepConfigs } from '../../workload.ts';

/** Steps of training on one thread with plain SIMD, which every machine has. */
export function prepareStep(loss: MeasuredConfig['loss'], changes: { readonly nSample?: number } = {}): Work {
  const config = { ...stepConfigs[loss], ...changes };
  return new WasmStepTrainer(config, drawSteps(config), { engine: { threads: 1, relaxed: false } }).train;
}
