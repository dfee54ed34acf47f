import type { Scorer } from '@gru4rec/metrics';
import { BaseRow } from './base-row.ts';
import { type BaselineKind, baselineKind } from './baseline-kind.ts';
import { openRows } from './score-rows.ts';
import { eventShares, type TrainingData } from './training-data.ts';

/**
 * POP: always the items of the most training events. An item's score is its share of them.
 *
 * @throws RangeError if there is no training event.
 */
export function pop(data: TrainingData): Scorer {
  return scoreByPopularity('POP', learnShares(data));
}

export const popKind: BaselineKind = baselineKind('POP', [], {
  learn: learnShares,
  score: (learned) => scoreByPopularity('POP', learned),
});

/** Each item's share of the training events. @throws RangeError if there is no training event. */
export function learnShares({ support }: TrainingData): LearnedPopularity {
  return { shares: eventShares(support) };
}

/** The popularity of the items. */
export interface LearnedPopularity {
  /** [I], the greater the more popular. */
  readonly shares: Float64Array;
}

/** The scorer of popularity learned in this thread or another. */
export function scoreByPopularity(name: string, { shares }: LearnedPopularity): Scorer {
  const base = new BaseRow(shares);
  return { name, itemCount: shares.length, open: (slots) => openRows(base, slots, () => undefined) };
}
