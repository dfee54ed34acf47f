import { metrics } from './metrics/registry.ts';
import type { Ranks } from './ranks.ts';

/** A group of predictions and its metrics. */
export interface RankGroup {
  /** Such as `5–9` or `tail (2,113 items)`. */
  readonly label: string;
  readonly predictions: number;
  /** Means over these predictions, at the cutoff. */
  readonly recall: number;
  readonly mrr: number;
  /** Figures of a baseline on the same predictions. */
  readonly baseline?: Pick<RankGroup, 'recall' | 'mrr'> | undefined;
}

const POSITIONS = [1, 2, 3, 4, 5, 10];
const LENGTHS = [2, 3, 4, 5, 10, 20];

/**
 * Recall and MRR by the number of clicks before the prediction: 1, 2, 3, 4, 5–9, 10 and more.
 * @returns the groups with a prediction, in that order (fresh).
 * @example
 * const { ranks } = evaluate(model.scorer(), test, { keepRanks: true });
 * if (ranks) console.table(breakDownByPosition(ranks, 20));
 */
export function breakDownByPosition(ranks: Ranks, cutoff: number): RankGroup[] {
  checkCutoff('breakDownByPosition', cutoff);
  const groupOf = (prediction: number) => rangeOf(ranks.position[prediction], POSITIONS);
  return breakDown(ranks, cutoff, rangeLabels(POSITIONS), groupOf);
}

/**
 * Recall and MRR by the number of clicks of the whole session: 2, 3, 4, 5–9, 10–19, 20 and more.
 * @returns the groups with a prediction, in that order (fresh).
 * @example
 * const { ranks } = evaluate(model.scorer(), test, { keepRanks: true });
 * if (ranks) console.table(breakDownBySessionLength(ranks, 20));
 */
export function breakDownBySessionLength(ranks: Ranks, cutoff: number): RankGroup[] {
  checkCutoff('breakDownBySessionLength', cutoff);
  const { session, sessionLengths } = ranks;
  const groupOf = (prediction: number) => rangeOf(sessionLengths[session[prediction]], LENGTHS);
  return breakDown(ranks, cutoff, rangeLabels(LENGTHS), groupOf);
}

/**
 * Recall and MRR by the popularity of the target in training: four groups of items with about equal shares of the training
 * events, from the head (few popular items) to the tail (many). By descending support, then index, group g of 4 has the items
 * that are preceded by g / 4 up to (g + 1) / 4 of the events; an item with a large share leaves groups empty.
 * @param support - [I] training events per item. Read only.
 * @returns the groups with a prediction, head first; the label has the number of items (fresh).
 * @example
 * const { ranks } = evaluate(model.scorer(), test, { keepRanks: true });
 * if (ranks) console.table(breakDownByPopularity(ranks, 20, dataset.support));
 */
export function breakDownByPopularity(ranks: Ranks, cutoff: number, support: ArrayLike<number>): RankGroup[] {
  checkCutoff('breakDownByPopularity', cutoff);
  const unknown = ranks.target.find((target) => target >= support.length);
  if (unknown !== undefined) {
    throw new RangeError(
      `breakDownByPopularity: "support" expected an entry for item ${unknown}, got ${support.length} entries.`,
    );
  }
  const groupOfItem = groupBySupport(support);
  const items = new Int32Array(NAMES.length);
  for (const group of groupOfItem) items[group]++;
  const labels = Array.from(items, (count, group) => `${NAMES[group]} (${countItems(count)})`);
  return breakDown(ranks, cutoff, labels, (prediction) => groupOfItem[ranks.target[prediction]]);
}

const NAMES = ['head', '2 of 4', '3 of 4', 'tail'];

function groupBySupport(support: ArrayLike<number>): Int32Array {
  const order = Int32Array.from(support, (_, item) => item).sort((a, b) => support[b] - support[a] || a - b);
  const total = order.reduce((sum, item) => sum + support[item], 0);
  if (!(total > 0)) {
    throw new RangeError(`breakDownByPopularity: "support" expected a sum > 0, got ${total}.`);
  }
  const groupOfItem = new Int32Array(order.length);
  let before = 0;
  for (const item of order) {
    groupOfItem[item] = Math.min(Math.floor((NAMES.length * before) / total), NAMES.length - 1);
    before += support[item];
  }
  return groupOfItem;
}

function countItems(count: number): string {
  return count === 1 ? '1 item' : `${count.toLocaleString('en-US')} items`;
}

function rangeLabels(starts: readonly number[]): string[] {
  return starts.map((start, range) => {
    if (range === starts.length - 1) return `${start}+`;
    const end = starts[range + 1] - 1;
    return start === end ? `${start}` : `${start}–${end}`;
  });
}

function rangeOf(value: number, starts: readonly number[]): number {
  return starts.findLastIndex((start) => start <= value);
}

function breakDown(
  ranks: Ranks,
  cutoff: number,
  labels: readonly string[],
  groupOf: (prediction: number) => number,
): RankGroup[] {
  const sums = new TargetSums([cutoff], labels.length, (_, prediction) => groupOf(prediction));
  sums.add(ranks);
  return sums.figures.flatMap(({ predictions, results }, group) =>
    results.map(({ recall, mrr }) => ({ label: labels[group], predictions, recall, mrr })),
  );
}

/** Recall and MRR of some of the predictions. */
export interface TargetFigures {
  readonly predictions: number;
  /** In the order of the cutoffs; none without predictions. */
  readonly results: readonly { readonly cutoff: number; readonly recall: number; readonly mrr: number }[];
}

/** Figures of the targets with training events, and of those without. */
export interface WarmAndCold {
  readonly warm: TargetFigures;
  readonly cold: TargetFigures;
}

/** Recall and MRR of groups of targets. Ranks are added in parts; the figures are those of one part. */
export class TargetSums {
  readonly #cutoffs: readonly number[];
  readonly #groupOf: (ranks: Ranks, prediction: number) => number;
  readonly #groups: readonly {
    predictions: number;
    readonly sums: readonly { recall: number; mrr: number }[];
  }[];

  /** @param groups - their number. @param groupOf - of a prediction, from 0; −1 for one that is left out. */
  constructor(
    cutoffs: readonly number[],
    groups: number,
    groupOf: (ranks: Ranks, prediction: number) => number,
  ) {
    this.#cutoffs = cutoffs;
    this.#groupOf = groupOf;
    const empty = () => ({ predictions: 0, sums: cutoffs.map(() => ({ recall: 0, mrr: 0 })) });
    this.#groups = Array.from({ length: groups }, empty);
  }

  /** Adds predictions, in order. */
  add(ranks: Ranks): void {
    const { rank } = ranks;
    const one = new Float64Array(1);
    for (let prediction = 0; prediction < rank.length; prediction++) {
      const at = this.#groupOf(ranks, prediction);
      if (at < 0) continue;
      one[0] = rank[prediction];
      const group = this.#groups[at];
      group.predictions++;
      for (let place = 0; place < this.#cutoffs.length; place++) {
        group.sums[place].recall += metrics.recall.of(one, this.#cutoffs[place]);
        group.sums[place].mrr += metrics.mrr.of(one, this.#cutoffs[place]);
      }
    }
  }

  /** The figures of each group (fresh). */
  get figures(): TargetFigures[] {
    return this.#groups.map(({ predictions, sums }) => {
      const meansAt = ({ recall, mrr }: { recall: number; mrr: number }, at: number) => ({
        cutoff: this.#cutoffs[at],
        recall: recall / predictions,
        mrr: mrr / predictions,
      });
      return { predictions, results: predictions === 0 ? [] : sums.map(meansAt) };
    });
  }
}

/** Sums of warm targets and of cold ones, which have support 0. @param support - [I] training events per item. Kept. */
export function warmAndColdSums(cutoffs: readonly number[], support: ArrayLike<number>): TargetSums {
  return new TargetSums(cutoffs, 2, ({ target }, at) => (support[target[at]] > 0 ? 0 : 1));
}

function checkCutoff(caller: string, cutoff: number): void {
  if (Number.isInteger(cutoff) && cutoff >= 1) return;
  throw new RangeError(`${caller}: "cutoff" expected integer >= 1, got ${cutoff}.`);
}
