import type { ModelConfigInput } from '@gru4rec/model';

/** The configuration of `configs/demo.json`, as an installed package has it, too. */
export const demoConfig: ModelConfigInput = {
  loss: 'cross-entropy',
  constrainedEmbedding: true,
  embedding: 0,
  layers: [100],
  gru: 'reset-after',
  batchSize: 32,
  nSample: 512,
  sampleAlpha: 0.5,
  logq: 1,
  finalAct: 'linear',
  hiddenAct: 'tanh',
  dropoutPEmbed: 0,
  dropoutPHidden: 0.2,
  learningRate: 0.1,
  momentum: 0.2,
  nEpochs: 8,
};
