import type { Batch } from '@gru4rec/batcher';
import { adamScales, type InputValue, type Runtime } from '@gru4rec/program';
import { type Seed, seedWords } from '@gru4rec/random';
import type { StepConfig } from './step-config.ts';

/** Feeds batches to the `train` program of a runtime. */
export class TrainingStep {
  private readonly runtime: Runtime;
  private readonly inputs: Record<string, InputValue>;
  private readonly philox: Int32Array | undefined;
  private readonly adam: StepConfig | undefined;

  /** @param dropoutSeed - Philox key of the dropout masks. */
  constructor(runtime: Runtime, config: StepConfig, dropoutSeed: Seed) {
    this.runtime = runtime;
    this.inputs = {};
    this.adam = config.optimizer === 'adam' ? config : undefined;
    if (config.dropoutPEmbed > 0 || config.dropoutPHidden > 0) {
      const [low, high] = seedWords(dropoutSeed);
      this.philox = Int32Array.of(low, high, 0, 0);
      this.inputs.philox = this.philox;
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
    const { inputs, philox } = this;
    inputs.input = batch.input;
    inputs.target = batch.target;
    inputs.resetMask = batch.resetMask;
    inputs.live = batch.live;
    if (samples) inputs.samples = samples;
    if (philox) {
      philox[2] = step | 0;
      philox[3] = Math.floor(step / 2 ** 32);
    }
    inputs.learningRate = learningRate;
    if (this.adam) Object.assign(inputs, adamScales(this.adam.beta1, this.adam.beta2, step + 1));
    return this.runtime.run('train', inputs).loss?.[0] ?? Number.NaN;
  }
}
