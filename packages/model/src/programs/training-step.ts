import type { Batch } from '@gru4rec/batcher';
import { anything, checkOptions, type OptionChecks, required } from '@gru4rec/checked-options';
import { type Optimizer, type Runtime, runProgram } from '@gru4rec/program';
import { type Seed, seedWords } from '@gru4rec/random';
import type { DistinctSamples } from '@gru4rec/sampler';
import { optimizerOf, type TrainInputs, type TrainProgram } from './build-train-program.ts';
import { trainedHistoryLength } from './repeats.ts';
import type { StepConfig } from './step-config.ts';

/** The programs of a step, which its runtime holds. */
export interface TrainingStepOptions {
  /** Philox key of the dropout masks. */
  readonly dropoutSeed: Seed;
  readonly program: TrainProgram;
  /** Programs of merged samples. The first whose capacity fits the distinct samples runs a step. */
  readonly merged?: readonly MergedProgram[] | undefined;
}

/** A program that takes each sampled item once, and what merges the samples for it. */
export interface MergedProgram {
  readonly program: TrainProgram;
  readonly merger: DistinctSamples;
}

const checks: OptionChecks<TrainingStepOptions> = {
  ...{ dropoutSeed: required(anything), program: required(anything), merged: anything },
};

/** Feeds batches to the training programs of a runtime. */
export class TrainingStep {
  readonly #runtime: Runtime;
  readonly #options: TrainingStepOptions;
  readonly #optimizer: Optimizer;
  readonly #inputs: TrainInputs;
  readonly #mergedInputs: TrainInputs;
  readonly #philox: Int32Array | undefined;
  readonly #reads: { readonly history: boolean };

  constructor(runtime: Runtime, config: StepConfig, options: TrainingStepOptions) {
    checkOptions('TrainingStep', options, checks);
    this.#runtime = runtime;
    this.#options = options;
    this.#optimizer = optimizerOf(config);
    this.#reads = { history: trainedHistoryLength(config) > 0 };
    this.#inputs = emptyInputs();
    this.#mergedInputs = emptyInputs();
    if (config.dropoutPEmbed > 0 || config.dropoutPHidden > 0) {
      const [low, high] = seedWords(options.dropoutSeed);
      this.#philox = Int32Array.of(low, high, 0, 0);
    }
  }

  /**
   * Runs one step.
   *
   * @param samples - the step's negatives; undefined without sampling.
   * @param step - counts from 0 over all epochs; selects the dropout masks.
   * @returns the sum of the live slots' losses, divided by the batch size.
   */
  run(batch: Batch, samples: Int32Array | undefined, step: number, learningRate: number): number {
    const merged = samples && this.#options.merged?.find(({ merger }) => merger.merge(samples));
    const inputs = merged ? this.#mergedInputs : this.#inputs;
    inputs.input = batch.input;
    inputs.target = batch.target;
    inputs.resetMask = batch.resetMask;
    inputs.live = batch.live;
    if (this.#reads.history) inputs.history = batch.history;
    if (merged) {
      inputs.samples = merged.merger.items;
      inputs.sampleWeight = merged.merger.counts;
    } else if (samples) inputs.samples = samples;
    const philox = this.#philox;
    if (philox) {
      philox[2] = step | 0;
      philox[3] = Math.floor(step / 2 ** 32);
      inputs.philox = philox;
    }
    inputs.learningRate = learningRate;
    Object.assign(inputs, this.#optimizer.scalarsAt(step + 1));
    const { program } = merged ?? this.#options;
    return runProgram(this.#runtime, program, inputs).loss[0];
  }
}

/** Inputs that every step overwrites, so that a step allocates none. */
function emptyInputs(): TrainInputs {
  const [items, mask] = [new Int32Array(), new Float32Array()];
  return { input: items, target: items, resetMask: mask, live: mask, learningRate: 0 };
}
