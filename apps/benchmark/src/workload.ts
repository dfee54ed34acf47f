import type { Batch } from '@gru4rec/batcher';
import { parseConfig } from '@gru4rec/model';
import { historyLength, type StepConfig } from '@gru4rec/model/programs';
import { RandomStream, shuffleInPlace } from '@gru4rec/random';
import { PopularitySampler } from '@gru4rec/sampler';

/** Number of items in the log on which steps are measured. */
export const ITEMS = 27_000;
const MOST_SUPPORT = 1e5;
/** Popularity of the item of rank r ∝ 1 / (r + SHIFT)^EXPONENT, as in the logs of shops. */
const SHIFT = 10;
const EXPONENT = 0.9;
/** Number of different steps, so that rows come from all over the tables. */
const STEPS = 256;

const common = { constrainedEmbedding: true, momentum: 0.2, nSample: 2048 };

/** Hyper-parameters of the losses with which whole steps and epochs are measured, without sizes. */
export const hyperParameters = {
  'cross-entropy': { sampleAlpha: 0.5, dropoutPHidden: 0.4, logq: 1 },
  'bpr-max': {
    sampleAlpha: 0.4,
    dropoutPEmbed: 0.5,
    dropoutPHidden: 0.05,
    finalAct: 'elu-0.5',
    bpreg: 1.95,
  },
} as const;

/** A configuration with which whole steps are measured. */
export interface MeasuredConfig extends StepConfig {
  readonly loss: 'cross-entropy' | 'bpr-max';
  readonly nSample: number;
}

function measured(loss: MeasuredConfig['loss'], units: number, batchSize: number): MeasuredConfig {
  const config = parseConfig({ ...common, ...hyperParameters[loss], layers: [units], batchSize, loss });
  return { ...config, loss, nSample: Number(config.nSample) };
}

/** The cross-entropy configuration with other sizes. */
export function resized(sizes: {
  readonly units?: number;
  readonly batchSize?: number;
  readonly nSample?: number;
}): MeasuredConfig {
  const { units, ...others } = sizes;
  return { ...stepConfigs['cross-entropy'], ...others, ...(units === undefined ? {} : { layers: [units] }) };
}

/** The two configurations with which steps are measured. */
export const stepConfigs: Readonly<Record<MeasuredConfig['loss'], MeasuredConfig>> = {
  'cross-entropy': measured('cross-entropy', 100, 32),
  'bpr-max': measured('bpr-max', 224, 80),
};

/** The name of a row: "cross-entropy, 100 units, batch 32, 2048 samples". */
export function describeConfig({ loss, layers, batchSize, nSample }: MeasuredConfig): string {
  return `${loss}, ${layers[0]} units, batch ${batchSize}, ${nSample} samples`;
}

/** @returns training events per item, a new array: long-tailed, with popular items all over the table. */
export function itemSupport(items: number = ITEMS): Float64Array {
  const rankOf = Int32Array.from({ length: items }, (_, rank) => rank);
  shuffleInPlace(rankOf, new RandomStream(1, 'benchmark.items'));
  return Float64Array.from(rankOf, (rank) => Math.ceil(MOST_SUPPORT / (rank + SHIFT) ** EXPONENT));
}

/** The inputs of one step. */
export interface StepInputs {
  readonly batch: Batch;
  readonly samples: Int32Array;
}

/**
 * @returns inputs of different steps, in new arrays: targets, inputs and histories drawn by support, samples by
 *   support^α.
 */
export function drawSteps(config: MeasuredConfig, items: number = ITEMS): readonly StepInputs[] {
  const { batchSize, nSample, sampleAlpha } = config;
  const support = itemSupport(items);
  const events = new PopularitySampler({ support, alpha: 1, seed: 1 });
  const negatives = new PopularitySampler({ support, alpha: sampleAlpha, seed: 2 });
  const draw = (sampler: PopularitySampler, step: number, length: number): Int32Array => {
    const drawn = new Int32Array(length);
    sampler.sample(step, drawn);
    return drawn;
  };
  return Array.from({ length: STEPS }, (_, step) => ({
    batch: {
      input: draw(events, 2 * step, batchSize),
      target: draw(events, 2 * step + 1, batchSize),
      resetMask: new Float32Array(batchSize),
      live: new Float32Array(batchSize).fill(1),
      session: Float64Array.from({ length: batchSize }, (_, slot) => slot),
      history: draw(events, 2 * STEPS + step, batchSize * historyLength(config)),
      context: new Int32Array(),
      targetContext: new Int32Array(),
      liveSlots: batchSize,
      step,
    },
    samples: draw(negatives, step, nSample),
  }));
}
