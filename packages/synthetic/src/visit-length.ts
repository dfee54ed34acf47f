import { RandomStream, type Seed } from '@gru4rec/random';

/** Probability of leaving after a click. On average, hurried visitors see 3.5 items, patient ones 8.3, both 5. */
const HURRIED = 0.286;
const PATIENT = 0.12;
const SHARE_PATIENT = 0.31;
const MAX_LENGTH = 200;

/**
 * Draws the lengths of the visits of a log: geometric, for two kinds of visitors. The last one is cut to match the sum.
 *
 * @param events - sum of the lengths.
 * @returns lengths, integers in [1, 200]. Equal arguments give equal lengths.
 */
export function* visitLengths(events: number, seed: Seed): Generator<number, void> {
  const stream = new RandomStream(seed, 'synthetic.visit-lengths');
  for (let left = events; left > 0; ) {
    const leave = stream.nextFloat() < SHARE_PATIENT ? PATIENT : HURRIED;
    // Geometric by inversion: P(length > n) = (1 − leave)^n.
    const length = 1 + Math.floor(Math.log(1 - stream.nextFloat()) / Math.log(1 - leave));
    const kept = Math.min(length, MAX_LENGTH, left);
    left -= kept;
    yield kept;
  }
}

/** @returns the number of visits in a log of `events` events. */
export function countVisits(events: number, seed: Seed): number {
  let visits = 0;
  for (const _ of visitLengths(events, seed)) visits++;
  return visits;
}
