import { type Batch, type Batcher, SessionParallelBatcher, StreamedBatcher } from '@gru4rec/batcher';
import type { Program, Runtime } from '@gru4rec/program';
import { PopularitySampler } from '@gru4rec/sampler';
import type { ModelConfig } from '../config.ts';
import { buildZeroLossProgram } from '../programs/build-train-program.ts';
import { mergersFor } from '../programs/merged-samples.ts';
import { trainedHistoryLength } from '../programs/repeats.ts';
import type { RunOptions } from './train-options.ts';
import { areOnDisk, type PreparedData, type TrainingData } from './training-data.ts';
import { TrainingSteps } from './training-steps.ts';
import { buildValidationProgram, type ValidationOptions } from './validation.ts';

/** @throws RangeError if there is nothing to train on. */
export function batcherOf({ train: sessions }: TrainingData, config: ModelConfig): Batcher {
  const { batchSize, nSample, seed, sessionOrder: order } = config;
  const minLiveSlots = nSample === 0 ? 2 : 1;
  const options = { batchSize, order, seed, minLiveSlots, historyLength: trainedHistoryLength(config) };
  const batcher = areOnDisk(sessions)
    ? new StreamedBatcher({ ...options, data: sessions })
    : new SessionParallelBatcher({ ...options, ...sessions });
  if (batcher.usedSessions >= options.minLiveSlots) return batcher;
  throw new RangeError(
    nSample === 0
      ? 'train: expected two or more sessions of two or more events, as nSample is 0, got fewer.'
      : 'train: expected sessions of two or more events, got none. Nothing follows anything.',
  );
}

/** The programs of a run in an engine. The caller disposes of the runtimes. */
export interface LoadedTraining {
  readonly runtime: Runtime;
  /** [S] item indices, overwritten by each step; undefined where nothing is sampled. */
  readonly samples: Int32Array | undefined;
  /**
   * Draws the samples of a step and runs it.
   *
   * @param epoch - from 1.
   * @param count - earlier steps of all epochs.
   * @returns the sum of the live slots' losses, divided by the batch size.
   */
  readonly runStep: (batch: Batch, epoch: number, count: number, learningRate: number) => number;
  readonly zeroLoss: ReturnType<typeof buildZeroLossProgram>;
  /** What is validated, if anything: in `runtime`, or with `averageDecay` in another one. */
  readonly validation: Pick<ValidationOptions, 'runtime' | 'program' | 'sessions'> | undefined;
}

/** Builds the programs of a run and loads them. */
export function loadTraining(data: PreparedData, config: ModelConfig, options: RunOptions): LoadedTraining {
  const { engine, from, monitor } = options;
  const { sampling: kernels } = engine;
  const { sampleAlpha: alpha, seed, patience } = config;
  const itemCount = data.itemIds.length;
  const size = Number(config.nSample);
  const sampler =
    size > 0 ? new PopularitySampler({ support: data.support, alpha, seed, kernels }) : undefined;
  const samples = sampler && new Int32Array(size);
  const zeroLoss = buildZeroLossProgram(config, itemCount);
  const mergers = mergersFor(sampler, config, kernels);
  const { features, clicks } = data;
  const continues = from !== undefined;
  const steps = new TrainingSteps({ config, itemCount, mergers, features, clicks, continues });
  const training: Program[] = [...steps.programs, zeroLoss];
  const sessions = patience > 0 ? options.validation : monitor?.sessions;
  const plain = { ...config, freshness: 'none' as const };
  const measuring = sessions && {
    sessions,
    program: buildValidationProgram(sessions, plain, { itemCount, clicks }),
  };
  const apart = config.averageDecay > 0;
  const runtime = engine.load(measuring && !apart ? [...training, measuring.program] : training);
  const run = steps.open(runtime);
  // The reset mask of steps that carry hidden states over from one session to the next.
  const noReset = config.resetAfterSession ? undefined : new Float32Array(config.batchSize);
  return {
    runtime,
    samples,
    runStep(batch, epoch, ...rest) {
      if (samples) sampler?.sample(rest[0], samples);
      // Every epoch starts from hidden states of 0, carried over or not.
      const fed = noReset && batch.step > 0 ? { ...batch, resetMask: noReset } : batch;
      return run(epoch, fed, samples, ...rest);
    },
    zeroLoss,
    validation: measuring && {
      ...measuring,
      runtime: apart ? engine.load([measuring.program]) : runtime,
    },
  };
}
