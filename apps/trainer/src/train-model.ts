import { type Gru4Rec, type ModelConfig, type TrainingData, train } from '@gru4rec/model';
import { createEngine, type EngineName } from './engines.ts';
import { groupDigits, showTraining } from './progress.ts';
import type { Output } from './terminal.ts';

/** Trains a model and shows on `stderr` how it goes. */
export async function trainModel(
  data: TrainingData,
  config: ModelConfig,
  engineName: EngineName,
  stderr: Output,
): Promise<Gru4Rec> {
  const engine = createEngine(engineName);
  stderr.write(`${describeRun(data, config, engineName)}\n`);
  const progress = showTraining(stderr);
  try {
    return await train(data, config, {
      engine,
      onEpoch: (record) => progress.onEpoch(record),
      onStep: (step) => progress.onStep(step),
    });
  } finally {
    progress.stop();
  }
}

function describeRun(data: TrainingData, config: ModelConfig, engineName: EngineName): string {
  const { sessionOffsets, items } = data.train;
  const { loss, layers, batchSize, nSample, nEpochs, seed } = config;
  const counts = [
    `${groupDigits(items.length)} events`,
    `${groupDigits(sessionOffsets.length - 1)} sessions`,
    `${groupDigits(data.itemIds.length)} items`,
    `${nEpochs} ${nEpochs === 1 ? 'epoch' : 'epochs'} on engine ${engineName}`,
  ];
  const settings = [
    loss,
    `layers ${layers.join(',')}`,
    `batch ${batchSize}`,
    `${groupDigits(nSample)} samples`,
    `seed ${seed}`,
  ];
  return `${counts.join(', ')}\n${settings.join(', ')}`;
}
