import type { RandomStream } from '@gru4rec/random';

/**
 * Makes ids that look arbitrary but never meet: first + (a · n + b) mod p, with p prime and n < p.
 *
 * @param first - the smallest id possible.
 * @param prime - p, prime, below 2³⁰: with a < 2²³ the product is exact in float64.
 * @param stream - gives a and b.
 * @returns the id of number n in [0, p).
 */
export function scrambledIds(first: number, prime: number, stream: RandomStream): (n: number) => number {
  const factor = 2 ** 22 + stream.nextBelow(2 ** 22);
  const shift = stream.nextBelow(prime);
  return (n) => first + ((factor * n + shift) % prime);
}
