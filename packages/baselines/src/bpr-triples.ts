import type { RandomStream } from '@gru4rec/random';
import type { IndexSets } from './distinct-items.ts';

/** A session, an item of the session, and an item that the session does not have. */
export interface BprTriple {
  session: number;
  item: number;
  negative: number;
}

/**
 * Draws training triples with replacement: a pair (session, item of it) uniformly among all such pairs, then an item
 * uniformly among those that the session does not have.   (Rendle et al. 2009, arXiv:1205.2618, section 4.2: uniform
 * over triples, which differs by the few per cent in which sessions differ in the number of items they leave out)
 */
export class BprTriples {
  /** Number of pairs to draw from. Sessions with every item have none, because no item is left to compare with. */
  readonly pairs: number;
  readonly #itemsOf: IndexSets;
  readonly #itemCount: number;
  readonly #random: RandomStream;
  /** [pairs] session and item of each pair. */
  readonly #sessions: Int32Array;
  readonly #items: Int32Array;
  readonly #triple: BprTriple = { session: 0, item: 0, negative: 0 };

  /**
   * @param itemsOf - distinct items of each session. Read only, kept.
   * @param random - advanced by two words per triple, plus those that are rejected.
   */
  constructor(itemsOf: IndexSets, itemCount: number, random: RandomStream) {
    const { offsets, members } = itemsOf;
    this.#itemsOf = itemsOf;
    this.#itemCount = itemCount;
    this.#random = random;
    this.#sessions = new Int32Array(members.length);
    this.#items = new Int32Array(members.length);
    let pairs = 0;
    for (let session = 0; session + 1 < offsets.length; session++) {
      if (offsets[session + 1] - offsets[session] === itemCount) continue;
      for (let at = offsets[session]; at < offsets[session + 1]; at++) {
        this.#sessions[pairs] = session;
        this.#items[pairs++] = members[at];
      }
    }
    this.pairs = pairs;
  }

  /** @returns a triple (an object that the next call reuses). There must be at least one pair. */
  draw(): BprTriple {
    const pair = this.#random.nextBelow(this.pairs);
    const triple = this.#triple;
    triple.session = this.#sessions[pair];
    triple.item = this.#items[pair];
    do triple.negative = this.#random.nextBelow(this.#itemCount);
    while (this.#holds(triple.session, triple.negative));
    return triple;
  }

  #holds(session: number, item: number): boolean {
    const { offsets, members } = this.#itemsOf;
    for (let at = offsets[session]; at < offsets[session + 1]; at++) {
      if (members[at] === item) return true;
    }
    return false;
  }
}
