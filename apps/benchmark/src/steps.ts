import { type ModelConfig, parseConfig } from '@gru4rec/model';
import { buildTrainProgram, mergerFor, type StepConfig, TrainingStep } from '@gru4rec/model/programs';
import type { Engine, Runtime } from '@gru4rec/program';
import { RandomStream, shuffleInPlace } from '@gru4rec/random';
import { logSupport, PopularitySampler } from '@gru4rec/sampler';
import { type Work, whole } from './measure.ts';

export const ITEMS = 27_000;
const STEPS = 256;
const LEARNING_RATE = 0.05;

const hyperParameters = {
  'cross-entropy': { sampleAlpha: 0.5, dropoutPHidden: 0.4, logq: 1 },
  'bpr-max': {
    sampleAlpha: 0.4,
    dropoutPEmbed: 0.5,
    dropoutPHidden: 0.05,
    finalAct: 'elu-0.5',
    bpreg: 1.95,
  },
} as const;

/** A training step, or a run of such steps; its name is like "cross-entropy, 100 units, batch 32, 2,048 samples". */
export interface MeasuredStep {
  readonly name: string;
  readonly config: ModelConfig;
}

/** @param more - of its configuration. */
export function measuredStep(
  loss: keyof typeof hyperParameters,
  { units = 100, batchSize = 32, nSample = 2048 }: { units?: number; batchSize?: number; nSample?: number },
  more: object = {},
): MeasuredStep {
  const sizes = { layers: [units], batchSize, nSample };
  const config = { constrainedEmbedding: true, momentum: 0.2, ...hyperParameters[loss], loss, ...sizes };
  const shown = loss === 'bpr-max' ? 'BPR-max' : loss;
  const name = `${shown}, ${units} units, batch ${batchSize}, ${whole(nSample)} samples`;
  return { name, config: parseConfig({ ...config, ...more }) };
}

/** Training events per item, a new array: long-tailed as in shops, with popular items all over the table. */
export function itemSupport(items: number = ITEMS): Float64Array {
  const rankOf = Int32Array.from({ length: items }, (_, rank) => rank);
  shuffleInPlace(rankOf, new RandomStream(1, 'benchmark.items'));
  return Float64Array.from(rankOf, (rank) => Math.ceil(1e5 / (rank + 10) ** 0.9));
}

/** A model with seeded parameters that repeats the same steps: targets and inputs drawn by support, samples by support^α. */
export class StepTrainer {
  readonly runtime: Runtime;
  /** The loss of the last step. */
  loss: number = Number.NaN;
  readonly train: Work;

  constructor(config: StepConfig, { load }: Engine, items: number = ITEMS) {
    const { batchSize, sampleAlpha } = config;
    const nSample = Number(config.nSample);
    const support = itemSupport(items);
    const events = new PopularitySampler({ support, alpha: 1, seed: 1 });
    const negatives = new PopularitySampler({ support, alpha: sampleAlpha, seed: 2 });
    const draw = (sampler: PopularitySampler, step: number, length: number): Int32Array => {
      const drawn = new Int32Array(length);
      sampler.sample(step, drawn);
      return drawn;
    };
    const inputs = Array.from({ length: STEPS }, (_, step) => ({
      batch: {
        input: draw(events, 2 * step, batchSize),
        target: draw(events, 2 * step + 1, batchSize),
        resetMask: new Float32Array(batchSize),
        live: new Float32Array(batchSize).fill(1),
        session: Float64Array.from({ length: batchSize }, (_, slot) => slot),
        liveSlots: batchSize,
        step,
        context: new Int32Array(),
        targetContext: new Int32Array(),
      },
      samples: nSample > 0 ? draw(negatives, step, nSample) : undefined,
    }));
    const program = buildTrainProgram(config, items);
    // Equal samples of a step are merged as in training, if that helps.
    const merger = nSample > 0 ? mergerFor(negatives, nSample) : undefined;
    const merged = merger && [
      { merger, program: buildTrainProgram(config, items, { mergedSamples: merger.items.length }) },
    ];
    this.runtime = load([program, ...(merged ?? []).map((one) => one.program)]);
    const random = new RandomStream(1, 'benchmark.parameters');
    for (const { name, kind, rows, cols } of this.runtime.variables) {
      if (kind !== 'parameter' && kind !== 'table') continue;
      const values = Float32Array.from({ length: rows * cols }, () => (random.nextFloat() - 0.5) * 0.3);
      this.runtime.write(name, values);
    }
    if (config.logq > 0) this.runtime.write('logSupport', logSupport(support));
    const step = new TrainingStep(this.runtime, config, { dropoutSeed: 1, program, merged });
    let count = 0;
    this.train = (times) => {
      for (let i = 0; i < times; i++) {
        const { batch, samples } = inputs[count % STEPS] as (typeof inputs)[number];
        this.loss = step.run(batch, samples, count++, LEARNING_RATE);
      }
    };
  }
}
