import { countCoOccurrences, SESSION_WEIGHTS } from './count-co-occurrences.ts';
import { FollowedCoOccurrences } from './followed-co-occurrences.ts';
import { PairFeatures, pairNames } from './pair-tables.ts';
import type { SparsePart } from './part.ts';

/** Items that share sessions with the items of this one (`PairFeatures`). */
export const coOccurrences: SparsePart = {
  widths: () => ({ places: 0, plain: 1, scaled: 0 }),
  raises: true,
  rivals: 20,
  tables: {
    names: Object.values(pairNames('co-occurrences')),
    slots: [SESSION_WEIGHTS],
    count: countCoOccurrences,
    follow: FollowedCoOccurrences.open,
  },
  open: (_config, tensors, itemCount) => PairFeatures.open('co-occurrences', tensors, itemCount),
};
