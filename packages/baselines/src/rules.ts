import type { BaselineData } from './baseline-data.ts';
import { type IndexSets, invert } from './distinct-items.ts';
import { divide, ExactSums, type TwoPart } from './exact-sums.ts';

/** The pairs of events of a session that make a rule "after this item, that item", and their weights. */
export interface PairCounting {
  /** Number of events before and after an event that make pairs with it; Infinity for all of the session. */
  readonly before: number;
  readonly after: number;
  /** Weight ≥ 0 of a pair as a fraction, by the steps between its events, from 1; pairs of weight 0 do not count. */
  readonly weigh: (distance: number) => readonly [over: number, under: number];
  /** Whether two events of the same item make a pair. */
  readonly repeats: boolean;
  /** Rules to keep per item, those with the greatest weights; Infinity for all. */
  readonly pruning: number;
}

/** The rules of each item in CSR form, best first; equal weights by descending support, then ascending item index. */
export interface Rules {
  /** [I + 1] */
  readonly offsets: Int32Array;
  /** [kept] item indices. */
  readonly items: Int32Array;
  /** [kept], > 0. */
  readonly scores: Float64Array;
}

/**
 * Finds the rules of each item and scores them.
 *
 * score(i | last) = Σ over pairs (last, i) of their weight / number of pairs (last, any item)
 *           (Ludewig, Jannach 2018, arXiv:1803.09587, section 3: the form that MC, AR and SR have in common; the
 *          pairs are all those before pruning, "the total number of rule occurrences for the current item")
 *
 * Rules with equal sums of weights have equal scores, whatever the order of the sessions; see `ExactSums`.
 *
 * Time is proportional to the number of pairs, memory to the number of rules kept.
 */
export function countRules(data: BaselineData, counting: PairCounting): Rules {
  const itemCount = data.support.length;
  const counter = new PairCounter(data, counting);
  const offsets = new Int32Array(itemCount + 1);
  const items: number[] = [];
  const scores: number[] = [];
  for (let item = 0; item < itemCount; item++) {
    counter.count(item);
    for (const other of counter.best(counting.pruning)) {
      items.push(other);
      scores.push(counter.score(other));
    }
    offsets[item + 1] = items.length;
  }
  return { offsets, items: Int32Array.from(items), scores: Float64Array.from(scores) };
}

/** Counts the pairs of one item after the other. */
class PairCounter {
  readonly #support: ArrayLike<number>;
  readonly #train: BaselineData['train'];
  readonly #counting: PairCounting;
  readonly #eventsOf: IndexSets;
  /** [events] */
  readonly #sessionOf: Int32Array;
  /** [I], above 0 only for the items that were found. */
  readonly #weights: ExactSums;
  /** Weights by distance, computed so far. */
  readonly #worths: TwoPart[] = [];
  #found: number[] = [];
  #pairs = 0;

  constructor({ support, train }: BaselineData, counting: PairCounting) {
    this.#support = support;
    this.#train = train;
    this.#counting = counting;
    this.#eventsOf = eventsByItem(train.items, support.length);
    this.#sessionOf = sessionByEvent(train.sessionOffsets);
    this.#weights = new ExactSums(support.length);
  }

  count(item: number): void {
    for (const other of this.#found) this.#weights.clear(other);
    this.#found = [];
    this.#pairs = 0;
    const { offsets, members } = this.#eventsOf;
    for (let at = offsets[item]; at < offsets[item + 1]; at++) this.#countAround(members[at]);
  }

  /** @returns the other items of the counted pairs, in the order of `Rules` (fresh). */
  best(longest: number): number[] {
    const [weights, support] = [this.#weights, this.#support];
    return this.#found
      .toSorted((a, b) => weights.at(b) - weights.at(a) || support[b] - support[a] || a - b)
      .slice(0, longest);
  }

  score(other: number): number {
    return this.#weights.at(other) / this.#pairs;
  }

  #countAround(event: number): void {
    const { sessionOffsets, items } = this.#train;
    const { before, after, repeats } = this.#counting;
    const session = this.#sessionOf[event];
    const first = Math.max(sessionOffsets[session], event - before);
    const last = Math.min(sessionOffsets[session + 1] - 1, event + after);
    for (let other = first; other <= last; other++) {
      if (other === event || (items[other] === items[event] && !repeats)) continue;
      this.#add(items[other], this.#worthOf(Math.abs(other - event)));
    }
  }

  #worthOf(distance: number): TwoPart {
    this.#worths[distance] ??= divide(...this.#counting.weigh(distance));
    return this.#worths[distance];
  }

  #add(other: number, worth: TwoPart): void {
    if (worth.high === 0) return;
    if (this.#weights.at(other) === 0) this.#found.push(other);
    this.#weights.add(other, worth);
    this.#pairs++;
  }
}

/** @returns the events of each item, ascending (fresh). */
function eventsByItem(items: Int32Array, itemCount: number): IndexSets {
  const offsets = new Int32Array(items.length + 1).map((_, event) => event);
  return invert({ offsets, members: items }, itemCount);
}

/** @returns [events], the session of each (fresh). */
function sessionByEvent(sessionOffsets: Int32Array): Int32Array {
  const sessions = sessionOffsets.length - 1;
  const sessionOf = new Int32Array(sessionOffsets[sessions]);
  for (let session = 0; session < sessions; session++)
    sessionOf.fill(session, sessionOffsets[session], sessionOffsets[session + 1]);
  return sessionOf;
}
