import type { Scorer } from '@gru4rec/metrics';
import { BaseRow } from './base-row.ts';
import { openRows } from './score-rows.ts';
import { eventShares, type TrainingData } from './training-data.ts';

/**
 * POP: always the items of the most training events. An item's score is its share of them.
 *
 * @throws RangeError if there is no training event.
 */
export function pop({ support }: TrainingData): Scorer {
  return scoreByPopularity('POP', { shares: eventShares(support) });
}

/** What is learned of popularity. */
export interface LearnedPopularity {
  /** [I], the greater the more popular. */
  readonly shares: Float64Array;
}

/** The scorer of what has been learned, by this thread or another. */
export function scoreByPopularity(name: string, { shares }: LearnedPopularity): Scorer {
  const base = new BaseRow(shares);
  return { name, itemCount: shares.length, open: (slots) => openRows(base, slots, () => undefined) };
}
