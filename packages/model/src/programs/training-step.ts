import type { Batch } from '@gru4rec/batcher';
import { type Optimizer, type Runtime, runProgram } from '@gru4rec/program';
import { type Seed, seedWords } from '@gru4rec/random';
import {
  DistinctSamples,
  expectedDistinct,
  type PopularitySampler,
  type SamplingKernels,
} from '@gru4rec/sampler';
import type { StepConfig } from '../model-config.ts';
import { optimizerOf, type TrainInputs, type TrainProgram } from './build-train-program.ts';
import type { ClickShape } from './click-features.ts';
import { type ItemFeatures, writeFeatures } from './item-features.ts';

/** Merging pays if it leaves less than this share of the columns. */
const MERGED_SHARE_LIMIT = 0.97;
/** The capacity in standard deviations above the expected number of distinct items. A step with more runs unmerged. */
const CAPACITY_DEVIATIONS = 3;
const CAPACITY_MULTIPLE = 16;

/** What merges equal samples of a step, for almost every step; undefined if that would leave almost as many columns. */
export function mergerFor(
  negatives: PopularitySampler,
  nSample: number,
  kernels?: SamplingKernels,
): DistinctSamples | undefined {
  const { itemCount } = negatives;
  const { mean, deviation } = expectedDistinct((item) => negatives.probability(item), itemCount, nSample);
  const wanted = Math.min(itemCount, Math.ceil(mean + CAPACITY_DEVIATIONS * deviation));
  const capacity = Math.ceil(wanted / CAPACITY_MULTIPLE) * CAPACITY_MULTIPLE;
  return capacity < MERGED_SHARE_LIMIT * nSample
    ? new DistinctSamples(itemCount, capacity, kernels)
    : undefined;
}

/** What merges equal samples, in the order to try. With `hardNegatives`, which count columns, the last merges any step. */
export function mergersFor(
  negatives: PopularitySampler | undefined,
  { nSample, hardNegatives }: Pick<StepConfig, 'nSample' | 'hardNegatives'>,
  kernels?: SamplingKernels,
): DistinctSamples[] {
  if (!negatives) return [];
  const { itemCount } = negatives;
  const most = Math.min(itemCount, Number(nSample));
  const few = mergerFor(negatives, Number(nSample), kernels);
  if (hardNegatives === 0) return few ? [few] : [];
  const all = new DistinctSamples(itemCount, most, kernels);
  return few && few.items.length < most ? [few, all] : [all];
}

/** What a training step runs, and what it reads of batches. */
export interface TrainingStepOptions {
  readonly dropoutSeed: Seed;
  readonly program: TrainProgram;
  /** Programs of merged samples. The first whose capacity fits the distinct samples runs a step. */
  readonly merged?: readonly MergedProgram[] | undefined;
  readonly features?: ItemFeatures | undefined;
  /** The features of clicks, if the programs have them: the first values of each event's context. */
  readonly clicks?: ClickShape | undefined;
  /** Whether only some targets count: those whose last value of the context is 1. */
  readonly countsSome?: boolean | undefined;
}

export interface MergedProgram {
  readonly program: TrainProgram;
  readonly merger: DistinctSamples;
}

/** Feeds batches to the training programs of a runtime. */
export class TrainingStep {
  readonly #runtime: Runtime;
  readonly #options: TrainingStepOptions;
  readonly #optimizer: Optimizer;
  readonly #inputs: TrainInputs;
  readonly #mergedInputs: TrainInputs;
  readonly #allItems: Int32Array;
  readonly #clickFeatures: Int32Array;
  readonly #counted: Float32Array;
  /** Live slots per slot that counts, so that losses compare with those of steps in which all count. */
  #lossScale = 1;
  readonly #philox: Int32Array | undefined;

  constructor(runtime: Runtime, config: StepConfig, options: TrainingStepOptions) {
    this.#runtime = runtime;
    this.#options = options;
    this.#optimizer = optimizerOf(config);
    this.#inputs = emptyInputs();
    this.#mergedInputs = emptyInputs();
    const { features } = options;
    const scoresAll =
      features?.perItem && config.nSample === 'all' ? features.table.length / features.perItem : 0;
    this.#clickFeatures = new Int32Array(config.batchSize * (options.clicks?.perClick ?? 0));
    this.#counted = new Float32Array(config.batchSize);
    this.#allItems = Int32Array.from({ length: scoresAll }, (_, item) => item);
    if (config.dropoutPEmbed > 0 || config.dropoutPHidden > 0) {
      const [low, high] = seedWords(options.dropoutSeed);
      this.#philox = Int32Array.of(low, high, 0, 0);
    }
  }

  /**
   * Runs one step; `step` counts from 0 over all epochs and selects the dropout masks.
   * @returns the sum of the live slots' losses, divided by the batch size; where some do not count, as many times the mean of
   *   those that do.
   */
  run(batch: Batch, samples: Int32Array | undefined, step: number, learningRate: number): number {
    const merged = samples && this.#options.merged?.find(({ merger }) => merger.merge(samples));
    const inputs = merged ? this.#mergedInputs : this.#inputs;
    inputs.input = batch.input;
    inputs.target = batch.target;
    inputs.resetMask = batch.resetMask;
    inputs.live = batch.live;
    this.#addContext(inputs, batch);
    if (merged) {
      inputs.samples = merged.merger.items;
      inputs.sampleWeight = merged.merger.counts;
    } else if (samples) inputs.samples = samples;
    if (this.#options.features?.perItem) this.#addFeatures(inputs, merged?.program ?? this.#options.program);
    const philox = this.#philox;
    if (philox) {
      philox[2] = step | 0;
      philox[3] = Math.floor(step / 2 ** 32);
      inputs.philox = philox;
    }
    inputs.learningRate = learningRate;
    Object.assign(inputs, this.#optimizer.scalarsAt(step + 1));
    const { program } = merged ?? this.#options;
    return this.#lossScale * runProgram(this.#runtime, program, inputs).loss[0];
  }

  #addContext(inputs: TrainInputs, { context, targetContext, live, liveSlots }: Batch): void {
    const { clicks, countsSome } = this.#options;
    if (!clicks && !countsSome) return;
    const width = context.length / live.length;
    if (clicks) {
      const { perClick } = clicks;
      for (let slot = 0; slot < live.length; slot++) {
        for (let k = 0; k < perClick; k++) {
          this.#clickFeatures[slot * perClick + k] = context[slot * width + k] ?? -1;
        }
      }
      inputs.clickFeatures = this.#clickFeatures;
    }
    if (!countsSome) return;
    let count = 0;
    for (let slot = 0; slot < live.length; slot++) {
      const counts = targetContext[(slot + 1) * width - 1] === 1 ? 1 : 0;
      this.#counted[slot] = counts;
      count += counts;
    }
    inputs.counted = this.#counted;
    this.#lossScale = count === 0 ? 1 : liveSlots / count;
  }

  #addFeatures(inputs: TrainInputs, { inputs: declared }: TrainProgram): void {
    const { features } = this.#options;
    if (!features) return;
    inputs.inputFeatures ??= new Int32Array(declared.inputFeatures?.rows ?? 0);
    inputs.columnFeatures ??= new Int32Array(declared.columnFeatures?.rows ?? 0);
    writeFeatures(features, inputs.input, inputs.inputFeatures);
    const from = writeFeatures(features, inputs.target, inputs.columnFeatures);
    writeFeatures(features, inputs.samples ?? this.#allItems, inputs.columnFeatures, from);
  }
}

/** Inputs that every step overwrites, so that a step allocates none. */
function emptyInputs(): TrainInputs {
  const [items, mask] = [new Int32Array(), new Float32Array()];
  return { input: items, target: items, resetMask: mask, live: mask, learningRate: 0 };
}
