import { type Optimizer, optimizers } from '@gru4rec/program';
import type { StepConfig } from './step-config.ts';

/** The optimiser of a configuration. */
export function optimizerOf(config: StepConfig): Optimizer {
  return optimizers[config.optimizer].create({ ...config, weightDecay: config.lmbd });
}
