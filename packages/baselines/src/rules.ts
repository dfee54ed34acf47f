import { type IndexSets, invert } from '@gru4rec/batcher';
import { countOrAll, flag, type OptionChecks } from '@gru4rec/checks';
import {
  type BaselineData,
  type BaselineKind,
  type BaselineOptions,
  baselineKind,
  trainingShares,
  type Unnamed,
} from './baseline-kind.ts';
import { rowsByLastItem, rowsScorer } from './score-rows.ts';

/** Options that all baselines of rules share. */
export interface RuleOptions {
  /** Rules to keep per item, those with the greatest weights: 20 if not given; Infinity for all. */
  readonly pruning?: number;
  /** Whether an item that occurs twice in a session makes a rule to itself: true if not given. */
  readonly repeats?: boolean;
}

export const ruleChecks: OptionChecks<RuleOptions> = { pruning: countOrAll, repeats: flag };

export function ruleOptions({ pruning = 20, repeats = true }: RuleOptions): Required<RuleOptions> {
  return { pruning, repeats };
}

/**
 * Shares order only rules of equal weight: 2⁻²⁴ of a share is less than the difference between two counts, and more than
 * the rounding error of a float64 up to 10⁸ events.
 */
const TIE_BREAK = 2 ** -24;

/**
 * Scores items by the rules of the session's last item: rule · (1 + share of the training events · 2⁻²⁴), above 0, so that the
 * share orders equal rules. All other items follow with the score share − 1: with scores of 0, the standard tie rule would
 * count each as found whenever an item has fewer rules than a list has places.
 */
export function ruleKind(
  title: string,
  options: BaselineKind['options'],
  countingBy: (options: BaselineOptions) => PairCounting,
): BaselineKind {
  return baselineKind(title, options, {
    learn: (data, options) => learnRules(data, countingBy(options)),
    score: scoreByRules,
  });
}

interface LearnedRules extends Rules {
  readonly base: Float64Array;
}

function learnRules(data: BaselineData, counting: PairCounting): LearnedRules {
  const shares = trainingShares(data.support);
  const { offsets, items, scores: rules } = countRules(data, counting);
  const scores = rules.map((rule, at) => rule * (1 + shares[items[at]] * TIE_BREAK));
  return { base: shares.map((share) => share - 1), offsets, items, scores };
}

function scoreByRules({ base, offsets, items, scores }: LearnedRules): Unnamed {
  return rowsScorer(base, (slots) =>
    rowsByLastItem(slots, (last, set) => {
      for (let at = offsets[last]; at < offsets[last + 1]; at++) set(items[at], scores[at]);
    }),
  );
}

/** The pairs of events of a session that make a rule "after this item, that item", and their weights. */
export interface PairCounting {
  /** Number of events before and after an event that make pairs with it; Infinity for all of the session. */
  readonly before: number;
  readonly after: number;
  /** Weight ≥ 0 of a pair as a fraction, by the steps between its events, from 1; pairs of weight 0 do not count. */
  readonly weigh: (distance: number) => readonly [over: number, under: number];
  readonly repeats: boolean;
  readonly pruning: number;
  /** λ, added to the number of pairs so that few of them make no rule by chance: 0 if not given. */
  readonly lambda?: number;
}

/** The rules of each item in CSR form, best first; equal weights by descending support, then ascending item index. */
export interface Rules {
  readonly offsets: Int32Array;
  readonly items: Int32Array;
  readonly scores: Float64Array;
}

/**
 * score(i | last) = Σ over pairs (last, i) of their weight / number of pairs (last, any item)
 *           (Ludewig, Jannach 2018, arXiv:1803.09587, section 3: what MC, AR and SR have in common; pairs before pruning)
 *
 * Rules with equal sums of weights have equal scores, whatever the order of the sessions; see `ExactSums`.
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

class PairCounter {
  readonly #support: ArrayLike<number>;
  readonly #train: BaselineData['train'];
  readonly #counting: PairCounting;
  readonly #eventsOf: IndexSets;
  readonly #sessionOf: Int32Array;
  /** [I], above 0 only for the items that were found. */
  readonly #weights: ExactSums;
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

  best(longest: number): number[] {
    const [weights, support] = [this.#weights, this.#support];
    return this.#found
      .toSorted((a, b) => weights.at(b) - weights.at(a) || support[b] - support[a] || a - b)
      .slice(0, longest);
  }

  score(other: number): number {
    return this.#weights.at(other) / (this.#pairs + (this.#counting.lambda ?? 0));
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

function eventsByItem(items: Int32Array, itemCount: number): IndexSets {
  const offsets = new Int32Array(items.length + 1).map((_, event) => event);
  return invert({ offsets, members: items }, itemCount);
}

function sessionByEvent(sessionOffsets: Int32Array): Int32Array {
  const sessions = sessionOffsets.length - 1;
  const sessionOf = new Int32Array(sessionOffsets[sessions]);
  for (let session = 0; session < sessions; session++)
    sessionOf.fill(session, sessionOffsets[session], sessionOffsets[session + 1]);
  return sessionOf;
}

/** A number above 0 as the sum of two float64, the second at most half a unit in the last place of the first. */
export interface TwoPart {
  readonly high: number;
  readonly low: number;
}

/** 2²⁷ + 1 splits a float64 into halves whose products are exact (Veltkamp 1968). */
const SPLITTER = 2 ** 27 + 1;

/** over / under to about 106 bits. */
export function divide(over: number, under: number): TwoPart {
  const high = over / under;
  const [a, b] = [upperHalf(high), upperHalf(under)];
  const [c, d] = [high - a, under - b];
  const product = high * under;
  const lost = a * b - product + a * d + c * b + c * d;
  return { high, low: (over - product - lost) / under };
}

/**
 * Sums in two float64 each (Knuth 4.2.2, Dekker 1971), rounded once: they do not depend on the order of their terms, and 6 · 1/6
 * is 1.
 */
export class ExactSums {
  readonly #high: Float64Array;
  readonly #low: Float64Array;

  constructor(length: number) {
    this.#high = new Float64Array(length);
    this.#low = new Float64Array(length);
  }

  add(place: number, { high, low }: TwoPart): void {
    const before = this.#high[place];
    const sum = before + high;
    const added = sum - before;
    this.#high[place] = sum;
    this.#low[place] += before - (sum - added) + (high - added) + low;
  }

  at(place: number): number {
    return this.#high[place] + this.#low[place];
  }

  clear(place: number): void {
    this.#high[place] = 0;
    this.#low[place] = 0;
  }
}

function upperHalf(value: number): number {
  const scaled = value * SPLITTER;
  return scaled - (scaled - value);
}
