import type { RandomStream } from '@gru4rec/random';

/** Item ids are in [`FIRST_ITEM_ID`, `FIRST_ITEM_ID` + `ITEM_PRIME`); the prime exceeds the largest number of items. */
export const FIRST_ITEM_ID = 100_000_000;
export const ITEM_PRIME = 536_870_909;

/** Unique ids that look arbitrary: first + (a · n + b) mod p for n < p, a prime below 2³⁰: p · a < 2⁵³ is exact in float64. */
export function scrambledIds(first: number, prime: number, stream: RandomStream): (n: number) => number {
  const factor = 2 ** 22 + stream.nextBelow(2 ** 22);
  const shift = stream.nextBelow(prime);
  return (n) => first + ((factor * n + shift) % prime);
}
