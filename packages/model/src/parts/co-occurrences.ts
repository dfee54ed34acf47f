import { countCoOccurrences, SESSION_WEIGHTS } from './count-co-occurrences.ts';
import { FollowedCoOccurrences } from './followed-co-occurrences.ts';
import { pairPart } from './pair-tables.ts';
import type { SparsePart } from './part.ts';

/** Items that share sessions with the items of this one. */
export const coOccurrences: SparsePart = pairPart('co-occurrences', {
  slots: [SESSION_WEIGHTS],
  count: countCoOccurrences,
  follow: FollowedCoOccurrences.open,
});
