import { type ItemInfoTable, RuleColumns, type Where } from '@gru4rec/dataset/items';
import type { AllowedItems } from '@gru4rec/model';
import { ItemCatalogue, type Recommender } from '@gru4rec/recommender';
import { conditionsOf } from '../arguments/values.ts';

/** Which items lists may have; `where` in the form of the server. */
export interface ItemRules {
  readonly allow: readonly string[] | undefined;
  readonly where: Where | undefined;
}

/**
 * The ids of the items that a list may have by the item that it starts from; undefined for all.
 * @throws UsageError for columns that the items file lacks and other types, naming what is expected.
 */
export function allowedBy(
  { allow, where }: ItemRules,
  model: Pick<Recommender, 'itemIds' | 'itemIndex'>,
  info: ItemInfoTable | undefined,
): (start: string | undefined) => readonly string[] | undefined {
  if (!where) return () => allow;
  const infos = Array.from(model.itemIds, (_, item) => info?.at(item));
  const columns = new RuleColumns();
  for (const item of infos) if (item) columns.add(item);
  const conditions = conditionsOf(where, columns);
  const catalogue = new ItemCatalogue(infos);
  const known = new WeakMap<AllowedItems, readonly string[]>();
  const chosen = (allowed: AllowedItems) => {
    if (!allow) return Array.from(allowed.items(), (item) => model.itemIds.at(item) ?? '');
    return allow.filter((id) => {
      const item = model.itemIndex(id);
      return item !== undefined && allowed.has(item);
    });
  };
  return (start) => {
    const allowed = catalogue.allowed(conditions, start === undefined ? undefined : info?.get(start));
    const ids = known.get(allowed) ?? chosen(allowed);
    known.set(allowed, ids);
    return ids;
  };
}
