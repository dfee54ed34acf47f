import type { RandomStream } from './streams.ts';

/**
 * Shuffles uniformly over all permutations (Fisher, Yates; Durstenfeld 1964, Algorithm 235).
 *
 * @param indices - [n], permuted in place.
 * @param stream - consumes n − 1 words and those that `nextBelow` rejects.
 */
export function shuffleInPlace(indices: Int32Array, stream: RandomStream): void {
  for (let last = indices.length - 1; last > 0; last--) {
    const other = stream.nextBelow(last + 1);
    const moved = indices[last];
    indices[last] = indices[other];
    indices[other] = moved;
  }
}
