import type { SessionArrays } from '@gru4rec/metrics';
import {
  alignItems,
  areOnDisk,
  checkValidation,
  type Gru4Rec,
  type ModelConfig,
  type TrainingData,
  type TrainOptions,
  train,
} from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';
import { count, groupDigits, showTraining } from '../terminal/progress.ts';
import type { Output } from '../terminal/terminal.ts';

/** What training reads: a dataset, or something like it. */
export interface Data extends TrainingData {
  readonly validation?: SessionArrays;
}

/** How a training run goes. */
export interface TrainModelOptions
  extends Pick<TrainOptions, 'checkpoint' | 'resume' | 'anyEngine' | 'signal' | 'engineFacts'> {
  readonly engine: Engine;
  readonly stderr: Output;
  /** A model to go on from; it keeps its items, and gets those of the data that it lacks. */
  readonly from?: Gru4Rec;
}

/** Trains a model and shows on `stderr` how it goes. */
export async function trainModel(
  dataset: Data,
  config: ModelConfig,
  { engine, stderr, from, ...interruption }: TrainModelOptions,
): Promise<Gru4Rec> {
  checkValidation(config, dataset.validation);
  const aligned = from && alignItems(from.itemIds, dataset);
  const data = aligned?.data ?? dataset;
  if (from && aligned) stderr.write(`${describeContinued(from, aligned)}\n`);
  stderr.write(`${describeRun(data, config, engine.name)}\n`);
  const progress = showTraining(stderr);
  try {
    const model = await train(data, config, {
      ...interruption,
      engine,
      onEpoch: (record) => progress.onEpoch(record),
      onStep: (step) => progress.onStep(step),
      onWarning: (message) => stderr.write(`Warning: ${message}\n`),
      ...(data.validation ? { validation: data.validation } : {}),
      ...(from ? { from } : {}),
    });
    const kept = model.history.findLast((record) => record.kept);
    if (kept)
      stderr.write(`Kept epoch ${kept.epoch}, the best of ${config.validationMetric} on validation\n`);
    return model;
  } finally {
    progress.stop();
  }
}

function describeContinued(
  from: Gru4Rec,
  { newItems, absentItems }: { newItems: number; absentItems: number },
): string {
  const epochs = from.history.at(-1)?.epoch ?? 0;
  const known = from.itemIds.length;
  return (
    `Going on after epoch ${epochs}: ${known === 1 ? '1 item keeps its' : `${groupDigits(known)} items keep their`} place and parameters ` +
    `(${groupDigits(absentItems)} of them ${absentItems === 1 ? 'is' : 'are'} not in the new data), ${count(newItems, 'new item')} ${newItems === 1 ? 'starts' : 'start'} afresh`
  );
}

function describeRun(data: TrainingData, config: ModelConfig, engineName: string): string {
  const { sessions, events } = sizeOf(data.train);
  const { loss, layers, batchSize, nSample, nEpochs, seed } = config;
  const counts = [
    count(events, 'event'),
    count(sessions, 'session'),
    count(data.itemIds.length, 'item'),
    `${count(nEpochs, 'epoch')} on engine ${engineName}`,
    ...(areOnDisk(data.train) ? ['sessions streamed from disk'] : []),
  ];
  const settings = [
    loss,
    `${config.cell} ${layers.join(',')}`,
    `batch ${batchSize}`,
    nSample === 'all' ? 'all items scored' : count(nSample, 'sample'),
    config.optimizer,
    `seed ${seed}`,
  ];
  return `${counts.join(', ')}\n${settings.join(', ')}`;
}

function sizeOf(train: TrainingData['train']): { sessions: number; events: number } {
  if (!areOnDisk(train)) return { sessions: train.sessionOffsets.length - 1, events: train.items.length };
  const sum = (name: 'sessions' | 'events') => train.blocks.reduce((all, block) => all + block[name], 0);
  return { sessions: sum('sessions'), events: sum('events') };
}
