import { buildTrainProgram, mergerFor, TrainingStep } from '@gru4rec/model/programs';
import type { Engine, Runtime } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { type DistinctSamples, logSupport, PopularitySampler } from '@gru4rec/sampler';
import type { Work } from './measure.ts';
import { ITEMS, itemSupport, type MeasuredConfig, type StepInputs } from './workload.ts';

const LEARNING_RATE = 0.05;

/** Merges equal samples of a step, as in training; undefined if merging would not help. */
function mergerOf({ nSample, sampleAlpha }: MeasuredConfig, items: number): DistinctSamples | undefined {
  if (nSample === 0) return undefined;
  const negatives = new PopularitySampler({ support: itemSupport(items), alpha: sampleAlpha, seed: 2 });
  return mergerFor(negatives, nSample);
}

/** A model with seeded parameters that repeats the same steps. */
export class StepTrainer {
  readonly runtime: Runtime;
  readonly #config: MeasuredConfig;
  readonly #inputs: readonly StepInputs[];
  readonly #step: TrainingStep;
  #count = 0;
  loss: number = Number.NaN;

  /** Equal samples are merged as in training. */
  constructor(
    config: MeasuredConfig,
    inputs: readonly StepInputs[],
    { load }: Engine,
    items: number = ITEMS,
  ) {
    this.#config = config;
    this.#inputs = inputs;
    const merger = mergerOf(config, items);
    const program = buildTrainProgram(config, items);
    const merged = merger && {
      merger,
      program: buildTrainProgram(config, items, { mergedSamples: merger.items.length }),
    };
    this.runtime = load([program, ...(merged ? [merged.program] : [])]);
    const random = new RandomStream(1, 'benchmark.parameters');
    for (const { name, kind, rows, cols } of this.runtime.variables) {
      if (kind !== 'parameter' && kind !== 'table') continue;
      const values = new Float32Array(rows * cols);
      for (let i = 0; i < values.length; i++) values[i] = (random.nextFloat() - 0.5) * 0.3;
      this.runtime.write(name, values);
    }
    if (config.logq > 0) this.runtime.write('logSupport', logSupport(itemSupport(items)));
    this.#step = new TrainingStep(this.runtime, config, {
      dropoutSeed: 1,
      program,
      merged: merged && [merged],
    });
  }

  readonly train: Work = (times) => {
    for (let i = 0; i < times; i++) {
      const { batch, samples } = this.#inputs[this.#count % this.#inputs.length] as StepInputs;
      const drawn = this.#config.nSample > 0 ? samples : undefined;
      this.loss = this.#step.run(batch, drawn, this.#count++, LEARNING_RATE);
    }
  };
}
