import {
  type BaselineData,
  type BaselineKind,
  type BaselineOptions,
  baselineKind,
  trainingShares,
  type Unnamed,
} from './baseline-kind.ts';
import {
  ClickedItems,
  EQUAL_WEIGHTS,
  indexSessions,
  type NeighbourhoodOptions,
  NeighbourSearch,
  type SessionWeights,
  type WeighedIndex,
  weighIndex,
} from './neighbour-search.ts';
import { rowsScorer } from './score-rows.ts';

/**
 * Scores are multiplied by 1 + this · share of the training events, which distinguishes single events up to 8·10⁶ of them.
 * Without it, V-SKNN (`scoreDecay: 'none'`) has recall@20 0.690 by the standard tie rule and 0.661 by the conservative one
 * on 100,000 clicks of RSC15, because many scores are equal; with it, 0.672 and 0.671.
 */
const TIE_BREAK = 2 ** -29;

export interface NeighbourMethod {
  readonly weights: SessionWeights;
  readonly size: Required<NeighbourhoodOptions>;
}

export function neighbourKind(
  title: string,
  options: BaselineKind['options'],
  methodBy: (options: BaselineOptions) => NeighbourMethod,
): BaselineKind {
  return baselineKind(title, options, {
    learn: (data, options) => learnNeighbours(data, methodBy(options)),
    score: (learned, options) => scoreByNeighbours(learned, methodBy(options)),
  });
}

export interface LearnedNeighbours {
  readonly shares: Float64Array;
  readonly index: WeighedIndex;
}

function learnNeighbours(data: BaselineData, { weights, size }: NeighbourMethod): LearnedNeighbours {
  const shares = trainingShares(data.support);
  return { shares, index: weighIndex(indexSessions(data, size.indexSessions), weights) };
}

/**
 * Scores items by the formulas of `SessionWeights`, equal scores ordered by the items' shares of the training events. Items of no
 * neighbour follow with the score share − 1, so that no items are tied at 0.
 */
function scoreByNeighbours(
  { shares, index }: LearnedNeighbours,
  { weights, size }: NeighbourMethod,
): Unnamed {
  const base = shares.map((share) => share - 1);
  return rowsScorer(base, (slots) => {
    const search = new NeighbourSearch(index, weights, size);
    const totals = new ItemTotals(shares);
    const sessions = Array.from({ length: slots }, () => new ClickedItems());
    return {
      follow(slot, item, starts) {
        if (starts) sessions[slot].clear();
        sessions[slot].add(item);
      },
      score(slot, set) {
        search.find(sessions[slot]);
        addNeighbours(search, sessions[slot], { index, weights, totals });
        totals.moveTo(set);
      },
    };
  });
}

function addNeighbours(
  { found, sessions, similarities, lastShared }: NeighbourSearch,
  session: ClickedItems,
  { index, weights, totals }: { index: WeighedIndex; weights: SessionWeights; totals: ItemTotals },
): void {
  const { itemsOf, itemWeights } = index;
  const { offsets, members } = itemsOf;
  for (let place = 0; place < found; place++) {
    const [start, end] = [offsets[sessions[place]], offsets[sessions[place] + 1]];
    const shared = lastShared[place];
    const weight = similarities[place] * weights.lastShared(session.lastClickOf(shared), session.length);
    if (weights.distance === EQUAL_WEIGHTS.distance) {
      for (let at = start; at < end; at++) totals.add(members[at], weight * itemWeights[members[at]]);
      continue;
    }
    const anchor = index.lastClicks[members.indexOf(shared, start)];
    for (let at = start; at < end; at++) {
      const distance = weights.distance(Math.abs(index.lastClicks[at] - anchor));
      totals.add(members[at], weight * distance * itemWeights[members[at]]);
    }
  }
}

class ItemTotals {
  readonly #totals: Float64Array;
  readonly #touched: Int32Array;
  readonly #tieBreaks: Float64Array;
  #count = 0;

  constructor(shares: Float64Array) {
    this.#totals = new Float64Array(shares.length);
    this.#touched = new Int32Array(shares.length);
    this.#tieBreaks = shares.map((share) => 1 + TIE_BREAK * share);
  }

  add(item: number, gain: number): void {
    if (!(gain > 0)) return;
    if (this.#totals[item] === 0) this.#touched[this.#count++] = item;
    this.#totals[item] += gain;
  }

  moveTo(set: (item: number, score: number) => void): void {
    for (let place = 0; place < this.#count; place++) {
      const item = this.#touched[place];
      set(item, this.#totals[item] * this.#tieBreaks[item]);
      this.#totals[item] = 0;
    }
    this.#count = 0;
  }
}
