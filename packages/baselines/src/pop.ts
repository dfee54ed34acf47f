import type { Scorer } from '@gru4rec/metrics';
import { type BaselineData, type BaselineKind, baselineKind, trainingShares } from './baseline-kind.ts';
import type { StoredArrays } from './learned-arrays.ts';
import { BaseRow, openRows, rowsByLastItem } from './score-rows.ts';

/** POP: always the items with the most training events. The score of an item is its share of all training events. */
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

export function learnShares(data: BaselineData): LearnedPopularity {
  return { shares: trainingShares(data) };
}

export function readShares(stored: StoredArrays): LearnedPopularity {
  return { shares: stored.doubles('shares') };
}

export interface LearnedPopularity {
  /** [I], the greater the more popular. */
  readonly shares: Float64Array;
}

export function scoreByPopularity(name: string, { shares }: LearnedPopularity): Scorer {
  const base = new BaseRow(shares);
  const rows = (slots: number) => rowsByLastItem(slots, () => undefined);
  return { name, itemCount: shares.length, open: (slots) => openRows(base, slots, rows) };
}
