import { RandomStream } from '@gru4rec/random';
import type { ClickPair } from './learner-step.ts';

/** The latest pairs that were learnt, which are replayed. */
export class LearntPairs {
  readonly #most: number;
  readonly #random: RandomStream;
  readonly #pairs: ClickPair[] = [];
  #next = 0;

  /** @param most - pairs that are kept. */
  constructor(most: number, seed: number) {
    this.#most = most;
    this.#random = new RandomStream(seed, 'learner.replay');
  }

  get length(): number {
    return this.#pairs.length;
  }

  /** Keeps pairs, in the place of the oldest ones. */
  add(pairs: readonly ClickPair[]): void {
    for (const pair of pairs) {
      this.#pairs[this.#next] = pair;
      this.#next = (this.#next + 1) % this.#most;
    }
  }

  /** Distinct pairs. @param count - at most `length`. */
  draw(count: number): ClickPair[] {
    const drawn = new Set<number>();
    while (drawn.size < count) drawn.add(this.#random.nextBelow(this.#pairs.length));
    return Array.from(drawn, (at) => this.#pairs[at] as ClickPair);
  }
}
