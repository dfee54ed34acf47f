import type { RandomStream } from './streams.ts';

/**
 * Permutes an array in place, every permutation equally likely (Fisher–Yates; Durstenfeld 1964, Algorithm 235).
 *
 * @param indices - [n], permuted in place.
 * @param stream - advanced by n − 1 words, plus the words that `nextBelow` rejects.
 */
export function shuffleInPlace(indices: Int32Array, stream: RandomStream): void {
  for (let last = indices.length - 1; last > 0; last--) {
    const other = stream.nextBelow(last + 1);
    const swapped = indices[last];
    indices[last] = indices[other];
    indices[other] = swapped;
  }
}
