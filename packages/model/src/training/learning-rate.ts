import type { ModelConfig } from '../config.ts';

/**
 * The learning rate of a step: rises linearly over the first `warmupSteps` steps and, with linear decay, falls to 0 at the
 * end of the run.
 *
 * @param step - counts from 0 in this run.
 * @param share - finished events per event of this run, in [0, 1).
 */
export function learningRateAt(
  config: Pick<ModelConfig, 'learningRate' | 'warmupSteps' | 'learningRateDecay'>,
  step: number,
  share: number,
): number {
  const { learningRate, warmupSteps, learningRateDecay } = config;
  const risen = step < warmupSteps ? (step + 1) / warmupSteps : 1;
  return learningRate * risen * (learningRateDecay === 'linear' ? 1 - share : 1);
}
