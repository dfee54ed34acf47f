import { RandomStream } from '@gru4rec/random';

/**
 * Arrival times of a Poisson process: independent visitors who click at a fixed rate on average.
 *
 * @param rate - arrivals per second.
 * @param seconds - end of the last interval.
 * @returns [round(rate · seconds)] ascending milliseconds in [0, 1000 · seconds), a new array. The number is fixed, so
 *   the times are uniform in the interval, as those of a Poisson process with that number are.
 */
export function arrivalTimes(rate: number, seconds: number, seed: number): Float64Array {
  const random = new RandomStream(seed, 'benchmark.arrivals');
  return Float64Array.from(
    { length: Math.round(rate * seconds) },
    () => random.nextFloat() * 1000 * seconds,
  ).sort();
}
