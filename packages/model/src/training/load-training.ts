import { type Batch, type Batcher, SessionParallelBatcher, StreamedBatcher } from '@gru4rec/batcher';
import type { Program, Runtime } from '@gru4rec/program';
import { type DistinctSamples, PopularitySampler } from '@gru4rec/sampler';
import type { ModelConfig } from '../config.ts';
import { buildTrainProgram, buildZeroLossProgram } from '../programs/build-train-program.ts';
import type { ItemFeatures } from '../programs/item-features.ts';
import { mergersFor, TrainingStep } from '../programs/training-step.ts';
import type { RunOptions } from './train-options.ts';
import { areOnDisk, type PreparedData, type TrainedClicks, type TrainingData } from './training-data.ts';
import { buildValidationProgram, type ValidationOptions } from './validation.ts';

interface StepsOptions {
  readonly config: ModelConfig;
  readonly itemCount: number;
  readonly mergers: readonly DistinctSamples[];
  readonly features?: ItemFeatures | undefined;
  readonly clicks?: TrainedClicks | undefined;
}

export interface TrainingSteps {
  readonly programs: readonly Program[];
  readonly open: (runtime: Runtime) => TrainingStep;
}

export function trainingSteps({ config, itemCount, mergers, features, clicks }: StepsOptions): TrainingSteps {
  const read = { features, clicks, countsSome: config.targetTypes.length > 0 };
  const program = buildTrainProgram(config, itemCount, read);
  const merged = mergers.map((merger, at) => {
    const variant = { name: at === 0 ? 'train' : 'train-most', mergedSamples: merger.items.length };
    return { merger, program: buildTrainProgram(config, itemCount, { ...variant, ...read }) };
  });
  return {
    programs: [program, ...merged.map((of) => of.program)],
    open: (runtime) =>
      new TrainingStep(runtime, config, { dropoutSeed: config.seed, ...read, program, merged }),
  };
}

export function batcherOf({ train: sessions }: TrainingData, config: ModelConfig): Batcher {
  const { batchSize, nSample, seed, sessionOrder: order } = config;
  const minLiveSlots = nSample === 0 ? 2 : 1;
  const options = { batchSize, order, seed, minLiveSlots };
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
  /** Draws samples and runs a step, after `count` of all epochs. Returns the sum of live slots' losses / batch size. */
  readonly runStep: (batch: Batch, count: number, learningRate: number) => number;
  readonly zeroLoss: ReturnType<typeof buildZeroLossProgram>;
  /** What is validated, if anything: in `runtime`, or with `averageDecay` in another one. */
  readonly validation: Pick<ValidationOptions, 'runtime' | 'program' | 'sessions'> | undefined;
}

export function loadTraining(data: PreparedData, config: ModelConfig, options: RunOptions): LoadedTraining {
  const { engine, monitor } = options;
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
  const steps = trainingSteps({ config, itemCount, mergers, features, clicks });
  const training: Program[] = [...steps.programs, zeroLoss];
  const sessions = patience > 0 ? options.validation : monitor;
  const measuring = sessions && {
    sessions,
    program: buildValidationProgram(sessions, config, { itemCount, clicks }),
  };
  const apart = config.averageDecay > 0;
  const runtime = engine.load(measuring && !apart ? [...training, measuring.program] : training);
  const step = steps.open(runtime);
  // The reset mask of steps that carry hidden states over from one session to the next.
  const noReset = config.resetAfterSession ? undefined : new Float32Array(config.batchSize);
  return {
    runtime,
    samples,
    runStep(batch, count, learningRate) {
      if (samples) sampler?.sample(count, samples);
      // Every epoch starts from hidden states of 0, carried over or not.
      const fed = noReset && batch.step > 0 ? { ...batch, resetMask: noReset } : batch;
      return step.run(fed, samples, count, learningRate);
    },
    zeroLoss,
    validation: measuring && {
      ...measuring,
      runtime: apart ? engine.load([measuring.program]) : runtime,
    },
  };
}
