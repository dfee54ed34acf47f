import { PopularitySampler } from '@gru4rec/sampler';
import { peakMiB } from '../environment.ts';
import type { Summary } from '../measure.ts';
import { ITEMS, itemSupport } from '../workload.ts';
import { benchRates } from './bench-rates.ts';

const SAMPLES = 2048;
const ALPHA = 0.5;
const COUNTED_STEPS = 500;

export interface SamplerResult {
  readonly name: string;
  readonly drawsPerSecond: Summary;
  /** How often the most popular item is drawn, and its probability. */
  readonly correctness: { readonly drawn: number; readonly probability: number };
  readonly peakMiB: number;
}

/** Measures draws of the negatives of a step. */
export async function measureSampler(options: { readonly seconds: number }): Promise<SamplerResult> {
  const support = itemSupport();
  const sampler = new PopularitySampler({ support, alpha: ALPHA, seed: 1 });
  const out = new Int32Array(SAMPLES);
  let step = 0;
  const rates = await benchRates(() => sampler.sample(step++, out), SAMPLES, options.seconds);
  return {
    name: `${SAMPLES} of ${ITEMS} items, alpha ${ALPHA}`,
    drawsPerSecond: rates,
    correctness: mostPopular(sampler, support),
    peakMiB: peakMiB(),
  };
}

function mostPopular(
  sampler: PopularitySampler,
  support: Float64Array,
): { drawn: number; probability: number } {
  const item = support.indexOf(support.reduce((most, s) => Math.max(most, s), 0));
  const out = new Int32Array(SAMPLES);
  let hits = 0;
  for (let step = 0; step < COUNTED_STEPS; step++) {
    sampler.sample(step, out);
    for (const drawn of out) if (drawn === item) hits++;
  }
  return { drawn: hits / (COUNTED_STEPS * SAMPLES), probability: sampler.probability(item) };
}
