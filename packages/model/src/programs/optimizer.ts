import { adadelta, adagrad, adam, type Optimizer, rmsprop, sgd } from '@gru4rec/program';
import type { StepConfig } from './step-config.ts';

/** The optimiser of a configuration. */
export function optimizerOf(config: StepConfig): Optimizer {
  const { momentum, decay, beta1, beta2, lmbd: weightDecay } = config;
  switch (config.optimizer) {
    case 'adagrad':
      return adagrad({ momentum, weightDecay });
    case 'adam':
      return adam({ beta1, beta2, weightDecay });
    case 'rmsprop':
      return rmsprop({ decay, momentum, weightDecay });
    case 'adadelta':
      return adadelta({ decay, weightDecay });
    case 'sgd':
      return sgd({ momentum, weightDecay });
  }
}
