import { type Batch, type Batcher, SessionParallelBatcher, StreamedBatcher } from '@gru4rec/batcher';
import type { Program, Runtime } from '@gru4rec/program';
import { type DistinctSamples, PopularitySampler } from '@gru4rec/sampler';
import type { ModelConfig } from '../config.ts';
import { buildTrainProgram, buildZeroLossProgram } from '../programs/build-train-program.ts';
import { trainedHistoryLength } from '../programs/forward.ts';
import type { ItemFeatures } from '../programs/item-features.ts';
import { mergersFor, TrainingStep } from '../programs/training-step.ts';
import type { RunOptions } from './train-options.ts';
import { areOnDisk, type PreparedData, type TrainedClicks, type TrainingData } from './training-data.ts';
import { buildValidationProgram, type ValidationOptions } from './validation.ts';

/** The epoch whose steps have the repeat bias, in which no event has been seen before. */
const FIRST_EPOCH = 1;

interface StepsOptions {
  readonly config: ModelConfig;
  readonly itemCount: number;
  readonly mergers: readonly DistinctSamples[];
  readonly features?: ItemFeatures | undefined;
  readonly clicks?: TrainedClicks | undefined;
  /** Whether the run continues a model, whose history of epochs may be lost. */
  readonly continues?: boolean;
}

/** Runs a step of an epoch, which counts from 1. The other arguments are those of `TrainingStep.run`. */
export type RunStep = (epoch: number, ...given: Parameters<TrainingStep['run']>) => number;

export interface TrainingSteps {
  readonly programs: readonly Program[];
  readonly open: (runtime: Runtime) => RunStep;
}

/**
 * The repeat bias is learnt in the first epoch, in which each event is new to the model, so that it fits events that are not in
 * the training data. Later epochs, and runs that continue a model, train it without: they would learn how much a repeat adds to
 * what the model remembers of these very events. A bias that is fitted after training (`auto`) has no part in any step.
 */
export function trainingSteps({
  config,
  itemCount,
  mergers,
  features,
  clicks,
  continues = false,
}: StepsOptions): TrainingSteps {
  const read = { features, clicks, countsSome: config.targetTypes.length > 0 };
  const build = (of: ModelConfig, name: string) => {
    const program = buildTrainProgram(of, itemCount, { name, ...read });
    const merged = mergers.map((merger, at) => {
      const variant = { name: at === 0 ? name : `${name}-most`, mergedSamples: merger.items.length };
      return { merger, program: buildTrainProgram(of, itemCount, { ...variant, ...read }) };
    });
    return { config: of, program, merged };
  };
  const without = { ...config, repeatBias: 'none' as const };
  const first = build(config, 'train');
  const kinds = trainedHistoryLength(config) === 0 ? [first] : [first, build(without, 'train-later')];
  return {
    programs: kinds.flatMap(({ program, merged }) => [program, ...merged.map((of) => of.program)]),
    open(runtime) {
      const steps = kinds.map(({ config: of, ...programs }) => {
        return new TrainingStep(runtime, of, { dropoutSeed: of.seed, ...read, ...programs });
      });
      return (epoch, ...given) => {
        const step = continues || epoch > FIRST_EPOCH ? steps.at(-1) : steps[0];
        return (step as TrainingStep).run(...given);
      };
    },
  };
}

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
  /** Draws samples and runs a step, after `count` of all epochs. Returns the sum of live slots' losses / batch size. */
  readonly runStep: (batch: Batch, epoch: number, count: number, learningRate: number) => number;
  readonly zeroLoss: ReturnType<typeof buildZeroLossProgram>;
  /** What is validated, if anything: in `runtime`, or with `averageDecay` in another one. */
  readonly validation: Pick<ValidationOptions, 'runtime' | 'program' | 'sessions'> | undefined;
}

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
  const steps = trainingSteps({ config, itemCount, mergers, features, clicks, continues });
  const training: Program[] = [...steps.programs, zeroLoss];
  const sessions = patience > 0 ? options.validation : monitor;
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
