import { PopularitySampler } from '@gru4rec/sampler';
import { repeating, type Work } from '../../measure.ts';
import { itemSupport } from '../../workload.ts';

/** Draws the negatives of steps. */
export function prepareSampler(): Work {
  const sampler = new PopularitySampler({ support: itemSupport(), alpha: 0.5, seed: 1 });
  const out = new Int32Array(2048);
  let count = 0;
  return repeating(() => sampler.sample(count++, out));
}
