import type { Batch } from '@gru4rec/batcher';
import type { InputValue, Optimizer, Runtime } from '@gru4rec/program';
import { type Seed, seedWords } from '@gru4rec/random';
import type { DistinctSamples } from '@gru4rec/sampler';
import { TRAIN, TRAIN_MERGED } from '../programs/build-train-program.ts';
import { optimizerOf } from '../programs/optimizer.ts';
import type { StepConfig } from '../programs/step-config.ts';

/** What a step needs beside its runtime and configuration. */
export interface TrainingStepOptions {
  /** Philox key of the dropout masks. */
  readonly dropoutSeed: Seed;
  /** Merges equal samples, for a runtime that holds `train-merged` of its capacity too. */
  readonly merger?: DistinctSamples | undefined;
}

/** Feeds batches to the training programs of a runtime. */
export class TrainingStep {
  readonly #runtime: Runtime;
  readonly #inputs: Record<string, InputValue> = {};
  readonly #mergedInputs: Record<string, InputValue> = {};
  readonly #philox: Int32Array | undefined;
  readonly #optimizer: Optimizer;
  readonly #merger: DistinctSamples | undefined;

  constructor(runtime: Runtime, config: StepConfig, { dropoutSeed, merger }: TrainingStepOptions) {
    this.#runtime = runtime;
    this.#optimizer = optimizerOf(config);
    this.#merger = merger;
    if (config.dropoutPEmbed > 0 || config.dropoutPHidden > 0) {
      const [low, high] = seedWords(dropoutSeed);
      this.#philox = Int32Array.of(low, high, 0, 0);
    }
  }

  /**
   * One step.
   *
   * @param samples - the step's extra negatives; undefined without sampling.
   * @param step - counts from 0 over all epochs; picks the dropout masks.
   * @returns the summed loss of the live slots divided by the batch size.
   */
  run(batch: Batch, samples: Int32Array | undefined, step: number, learningRate: number): number {
    const philox = this.#philox;
    const merger = this.#merger;
    const merged = samples && merger?.merge(samples) ? merger : undefined;
    const inputs = merged ? this.#mergedInputs : this.#inputs;
    inputs.input = batch.input;
    inputs.target = batch.target;
    inputs.resetMask = batch.resetMask;
    inputs.live = batch.live;
    if (merged) {
      inputs.samples = merged.items;
      inputs.sampleWeight = merged.counts;
    } else if (samples) inputs.samples = samples;
    if (philox) {
      philox[2] = step | 0;
      philox[3] = Math.floor(step / 2 ** 32);
      inputs.philox = philox;
    }
    inputs.learningRate = learningRate;
    Object.assign(inputs, this.#optimizer.scalarsAt(step + 1));
    return this.#runtime.run(merged ? TRAIN_MERGED : TRAIN, inputs).loss?.[0] ?? Number.NaN;
  }
}
