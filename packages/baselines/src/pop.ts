import type { Scorer } from '@gru4rec/metrics';
import { BaseRow } from './base-row.ts';
import { type BaselineData, trainingShares } from './baseline-data.ts';
import { type BaselineKind, baselineKind } from './baseline-kind.ts';
import { openRows, rowsByLastItem } from './score-rows.ts';
import type { StoredArrays } from './stored-arrays.ts';

/**
 * POP: always the items with the most training events. The score of an item is its share of all training events.
 *
 * @throws RangeError if there is no training event.
 */
export function pop(data: BaselineData): Scorer {
  return scoreByPopularity('POP', learnShares(data));
}

export const popKind: BaselineKind = baselineKind(
  'POP',
  {},
  {
    learn: learnShares,
    read: readShares,
    score: (learned) => scoreByPopularity('POP', learned),
  },
);

/** Each item's share of the training events. @throws RangeError if there is no training event. */
export function learnShares(data: BaselineData): LearnedPopularity {
  return { shares: trainingShares(data) };
}

/** @throws RangeError if the arrays are not those of `learnShares`. */
export function readShares(stored: StoredArrays): LearnedPopularity {
  return { shares: stored.doubles('shares') };
}

/** Popularity per item. */
export interface LearnedPopularity {
  /** [I], the greater the more popular. */
  readonly shares: Float64Array;
}

/** A scorer from popularity that this thread or another has learned. */
export function scoreByPopularity(name: string, { shares }: LearnedPopularity): Scorer {
  const base = new BaseRow(shares);
  const rows = (slots: number) => rowsByLastItem(slots, () => undefined);
  return { name, itemCount: shares.length, open: (slots) => openRows(base, slots, rows) };
}
