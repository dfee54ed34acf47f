import type { ItemInfoTable } from '@gru4rec/item-info';
import type { Ranking, Recommendation, Selection } from '@gru4rec/model';

/** Options of the recommendations for a session. */
export interface Question {
  /** Number of items; 20, or all candidates, if not given. */
  readonly top: number | undefined;
  /** Ranks exactly these items. */
  readonly candidates: readonly string[] | undefined;
  readonly selection: Selection & { readonly groups?: ReadonlyMap<string, string> };
  /** What the model records about its items. */
  readonly info?: ItemInfoTable | undefined;
}

/** Recommends items for one session. */
export interface Answers {
  top(n: number, selection: Selection): Recommendation[];
  rank(itemIds: Iterable<string>, selection: Selection): Ranking;
}

/** An item with its score, and its title and group if they are known. */
export interface NamedItem extends Recommendation {
  readonly title?: string;
  readonly group?: string;
}

/** Recommends items for a session, best first. */
export function answerWith(answers: Answers, { top, candidates, selection, info }: Question): NamedItem[] {
  const items = candidates
    ? answers.rank(candidates, selection).items.slice(0, top)
    : answers.top(top ?? 20, selection);
  return items.map((item) => {
    const known = info?.get(item.itemId);
    const group = selection.groups ? selection.groups.get(item.itemId) : known?.group;
    return {
      ...item,
      ...(known?.title === undefined ? {} : { title: known.title }),
      ...(group === undefined ? {} : { group }),
    };
  });
}
