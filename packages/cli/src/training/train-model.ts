import { describeSample, drawSample } from '@gru4rec/comparison';
import type { SessionArrays } from '@gru4rec/metrics';
import {
  alignItems,
  areOnDisk,
  checkValidation,
  type EngineFacts,
  type EpochRecord,
  type Gru4Rec,
  type ModelConfig,
  type TrainingData,
  type TrainOptions,
  train,
} from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';
import { count, groupDigits, showTraining } from '../terminal/progress.ts';
import type { Output } from '../terminal/terminal.ts';
import type { TrainingLog } from './training-log.ts';

export interface TrainingDataset extends TrainingData {
  readonly validation?: SessionArrays | undefined;
}

export interface TrainModelOptions
  extends Pick<TrainOptions, 'checkpoint' | 'resume' | 'signal' | 'engineFacts'> {
  readonly engine: Engine;
  readonly stderr: Output;
  /** A model to continue. It keeps its items and gets those of the dataset that it lacks. */
  readonly from?: Gru4Rec | undefined;
  /** The most sessions of the validation split to report on; none if not given. With `patience`, all are used. */
  readonly monitored?: number;
  readonly log?: TrainingLog | undefined;
}

export async function trainModel(
  dataset: TrainingDataset,
  config: ModelConfig,
  { engine, stderr, from, monitored, log, ...interruption }: TrainModelOptions,
): Promise<Gru4Rec> {
  checkValidation(config, dataset.validation);
  if (from) {
    const aligned = alignItems(from.itemIds, dataset);
    stderr.write(`${describeContinued(from, aligned)}\n`);
    dataset = aligned.data;
  }
  stderr.write(`${describeRun(dataset, config, describeEngine(engine.name, interruption.engineFacts))}\n`);
  const measures = monitored !== undefined && config.patience === 0 && dataset.validation;
  const drawn = measures ? drawSample(measures, { sample: { sessions: monitored } }) : undefined;
  if (drawn) {
    const all = count(drawn.sessions.sessionOffsets.length - 1, 'session');
    stderr.write(`Validation after each epoch: ${drawn.sample ? describeSample(drawn.sample) : all}\n`);
  }
  const progress = showTraining(stderr);
  try {
    const model = await train(dataset, config, {
      ...interruption,
      engine,
      onEpoch(record, step) {
        progress.onEpoch(record);
        log?.onEpoch(record, step);
      },
      onStep(step) {
        progress.onStep(step);
        log?.onStep(step);
      },
      onWarning: (message) => stderr.write(`Warning: ${message}\n`),
      validation: dataset.validation,
      monitor: drawn?.sessions,
      from,
    });
    const kept = model.history.findLast((record) => record.kept);
    if (kept) stderr.write(describeKept(kept, model.history, config));
    return model;
  } finally {
    progress.stop();
  }
}

function describeKept(
  { epoch }: EpochRecord,
  history: readonly EpochRecord[],
  { validationMetric }: ModelConfig,
): string {
  const best = `Kept epoch ${epoch}, the best of ${validationMetric}`;
  return history.at(-1)?.heldOut
    ? `${best} on the held-out sessions, then learnt those once\n`
    : `${best} on validation\n`;
}

function describeContinued(
  from: Gru4Rec,
  { newItems, absentItems }: { newItems: number; absentItems: number },
): string {
  const epochs = from.history.at(-1)?.epoch ?? 0;
  const known = from.itemIds.length;
  return (
    `Continuing after epoch ${epochs}: ${known === 1 ? '1 item keeps its' : `${groupDigits(known)} items keep their`} place and parameters ` +
    `(${groupDigits(absentItems)} of them ${absentItems === 1 ? 'is' : 'are'} not in the new data), ${count(newItems, 'new item')} ${newItems === 1 ? 'starts' : 'start'} afresh`
  );
}

function describeRun({ train, itemIds }: TrainingData, config: ModelConfig, engine: string): string {
  const { sessions, events } = sizeOf(train);
  const { loss, layers, batchSize, nSample, nEpochs, seed } = config;
  const counts = [
    count(events, 'event'),
    count(sessions, 'session'),
    count(itemIds.length, 'item'),
    `${count(nEpochs, 'epoch')} on engine ${engine}`,
    ...(areOnDisk(train) ? ['sessions streamed from disk'] : []),
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

function describeEngine(name: string, facts: EngineFacts = {}): string {
  return facts['kernels'] === undefined ? name : `${name} (${facts['kernels']})`;
}

function sizeOf(train: TrainingData['train']): { sessions: number; events: number } {
  if (!areOnDisk(train)) return { sessions: train.sessionOffsets.length - 1, events: train.items.length };
  const sum = (name: 'sessions' | 'events') => train.blocks.reduce((all, block) => all + block[name], 0);
  return { sessions: sum('sessions'), events: sum('events') };
}
