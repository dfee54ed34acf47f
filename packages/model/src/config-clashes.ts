import { optimizers } from '@gru4rec/program';
import type { LossKey } from './losses/loss.ts';
import { losses } from './losses/registry.ts';
import type { ModelConfig } from './model-config.ts';
import type { StepConfig } from './programs/step-config.ts';

/** A value that does not go with others. */
export interface Clash {
  readonly applies: boolean;
  readonly key: keyof ModelConfig;
  readonly expected: string;
  readonly reason: string;
}

/** Values that contradict each other, or have no effect given the others, and whether a configuration has them. */
export function clashes(config: ModelConfig): Clash[] {
  const { optimizer, nSample, hardNegatives } = config;
  const { withoutMomentum } = optimizers[optimizer];
  return [
    ...unreadKeys(config),
    {
      applies: config.batchSize === 1 && config.nSample === 0,
      key: 'nSample',
      expected: 'a positive integer or "all" with batchSize 1',
      reason: 'A single slot without samples has nothing to rank its target against.',
    },
    {
      applies: config.constrainedEmbedding && config.embedding !== 0,
      key: 'embedding',
      expected: '0 with constrainedEmbedding',
      reason:
        'A constrained embedding uses the output table for the input; set constrainedEmbedding to false for a separate table.',
    },
    ...(['itemFeatures', 'itemVectors', 'clickFeatures'] as const).map((key) => ({
      applies: config[key].length > 0 && !config.constrainedEmbedding && config.embedding === 0,
      key,
      expected: '[] with one-hot input',
      reason:
        'One-hot input has a row per gate and item, to which no feature can be added; set constrainedEmbedding, or an embedding.',
    })),
    {
      applies: config.nSample === 'all' && config.logq > 0,
      key: 'logq',
      expected: '0 with nSample "all"',
      reason: 'With all items there is no sampling to correct.',
    },
    {
      applies: nSample === 'all' && hardNegatives > 0,
      key: 'hardNegatives',
      expected: '0 with nSample "all"',
      reason: 'They are chosen from the samples and targets of a step.',
    },
    {
      applies: nSample !== 'all' && hardNegatives > 0 && hardNegatives >= nSample + config.batchSize - 1,
      key: 'hardNegatives',
      expected: 'less than nSample + batchSize − 1, or 0',
      reason: 'A slot has no more negatives.',
    },
    {
      applies: config.smoothing > 0 && hardNegatives > 0,
      key: 'smoothing',
      expected: '0 with hardNegatives',
      reason: 'Smoothing gives every column a share, and hardNegatives leaves most of them out.',
    },
    {
      applies: withoutMomentum !== undefined && config.momentum > 0,
      key: 'momentum',
      expected: `0 with optimizer ${optimizer}`,
      reason: withoutMomentum ?? '',
    },
  ];
}

/** Keys that the loss does not read, unless their values have no effect. */
function unreadKeys({ loss, ...config }: StepConfig): Clash[] {
  const { reads } = losses[loss];
  const unread = <Key extends LossKey>(key: Key, idle: StepConfig[Key], reason: string): Clash => ({
    applies: !reads.includes(key) && config[key] !== idle,
    key,
    expected: `${idle} with loss ${loss}`,
    reason,
  });
  return [
    unread('logq', 0, `It corrects ${lossesThatRead('logq')} for how often an item is drawn.`),
    unread('smoothing', 0, `It smooths the targets of ${lossesThatRead('smoothing')}.`),
    unread('temperature', 1, `It divides the scores of ${lossesThatRead('temperature')}.`),
    unread('hardNegatives', 0, `It chooses the negatives of ${lossesThatRead('hardNegatives')}.`),
    unread('finalAct', 'linear', 'This loss takes the scores as they are.'),
  ];
}

function lossesThatRead(key: LossKey): string {
  return Object.entries(losses)
    .filter(([, { reads }]) => reads.includes(key))
    .map(([name]) => name)
    .join(', ');
}
