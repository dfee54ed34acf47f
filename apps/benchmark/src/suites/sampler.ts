import { PopularitySampler } from '@gru4rec/sampler';
import { type ComparisonRow, timed } from '../comparison.ts';
import { repeating } from '../measure.ts';
import { ITEMS, itemSupport } from '../workload.ts';
import { measureContest, measureEach, type PartOptions } from './contest.ts';

const SAMPLES = 2048;
const ALPHA = 0.5;
const COUNTED_STEPS = 500;

/** Measures draws of the negatives of a step. */
export function measureSampler(options: PartOptions): Promise<ComparisonRow[]> {
  const row = { name: `${SAMPLES} of ${ITEMS} items, alpha ${ALPHA}`, engine: 'one thread' };
  return measureEach([row], options.only, () => {
    const support = itemSupport();
    const sampler = new PopularitySampler({ support, alpha: ALPHA, seed: 1 });
    const out = new Int32Array(SAMPLES);
    let step = 0;
    const work = repeating(() => sampler.sample(step++, out));
    const correctness = mostPopular(sampler, support);
    const of = (steps: number) => SAMPLES * steps;
    const ours = timed('ours', work, { perWindow: 100, seconds: options.seconds, correctness, of });
    const contest = { ...row, suite: 'sampler', unit: 'draws/s', better: 'more' } as const;
    return measureContest(contest, [ours], options);
  });
}

/** How often the most popular item is drawn, and its probability. This also warms the sampler up. */
function mostPopular(
  sampler: PopularitySampler,
  support: Float64Array,
): { topItemDrawn: number; topItemExpected: number } {
  const item = support.indexOf(support.reduce((most, s) => Math.max(most, s), 0));
  const out = new Int32Array(SAMPLES);
  let hits = 0;
  for (let step = 0; step < COUNTED_STEPS; step++) {
    sampler.sample(step, out);
    for (const drawn of out) if (drawn === item) hits++;
  }
  return { topItemDrawn: hits / (COUNTED_STEPS * SAMPLES), topItemExpected: sampler.probability(item) };
}
