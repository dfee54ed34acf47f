import { RandomStream, type Seed } from '@gru4rec/random';

/** Chance of leaving after each click: hurried visitors see 3.5 items, patient ones 8.3, all of them 5 on average. */
const HURRIED = 0.286;
const PATIENT = 0.12;
const SHARE_PATIENT = 0.31;
const MAX_LENGTH = 200;

/**
 * Lengths of the visits of a log: geometric, of two kinds of visitors; the last is cut off so that they add up.
 *
 * @param events - what the lengths add up to.
 * @returns lengths, each an integer in [1, 200]; the same again for the same arguments.
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

/** @returns number of visits that share the events. */
export function countVisits(events: number, seed: Seed): number {
  let visits = 0;
  for (const _ of visitLengths(events, seed)) visits++;
  return visits;
}
