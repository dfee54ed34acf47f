import { showNames } from '@gru4rec/checks';
import type { ItemIdTable } from '@gru4rec/dataset/ids';
import { ResolvedSelection } from '@gru4rec/model';
import { z } from 'zod';
import { Problem } from '../http/problem.ts';
import { id, itemId, limits } from '../http/schema.ts';
import { type IndexRules, noRules } from '../inference/messages.ts';
import type { ItemsFile } from '../items/items-file.ts';

const ids = z.array(itemId).max(limits.items);
const boosts = z.record(z.string(), z.number().min(-1000).max(1000)).meta({ maxProperties: limits.items });
const position = z.int().min(1).max(limits.n);

export const queryRules = {
  allow: ids.describe('Only these items').optional(),
  deny: ids.describe('None of these items').optional(),
  excludeSeen: z.boolean().default(false).describe('Exclude the items of the session'),
  excludePurchased: z
    .boolean()
    .default(false)
    .describe('Exclude the items that the session has clicked with the type purchase'),
  maxPerGroup: position.describe('The most items per group').optional(),
  fields: z
    .array(id)
    .max(100)
    .describe('Columns of the items file that the answer repeats per item')
    .optional(),
};

export const bodyRules = {
  ...queryRules,
  groups: z
    .record(z.string(), id)
    .meta({ maxProperties: limits.items })
    .describe('Group per item, in the place of the column group of the items file')
    .optional(),
  boost: z
    .strictObject({ items: boosts.optional(), groups: boosts.optional() })
    .describe('Numbers that are added to the scores of items and of groups')
    .optional(),
};

export const pinned = z
  .array(z.strictObject({ position, item: itemId }))
  .max(100)
  .describe('Items at fixed positions, from 1, if the other rules allow them')
  .optional();

export type RequestRules = Partial<z.output<z.ZodObject<typeof bodyRules & { pinned: typeof pinned }>>>;

export interface RuleContext {
  readonly itemIds: ItemIdTable;
  readonly items: ItemsFile | undefined;
  readonly seen: readonly string[];
  readonly purchased?: readonly string[];
  /** The only items that may come out, in addition to the rules. */
  readonly candidates?: readonly string[] | undefined;
  readonly n: number;
}

export interface ResolvedRules {
  readonly rules: IndexRules;
  /** Without, all items are the model's. */
  readonly idOf?: (item: number) => string;
}

export function resolveRules(request: RequestRules, context: RuleContext): ResolvedRules {
  const { itemIds, items, seen, purchased = [], candidates, n } = context;
  checkRules(request, items);
  const { allow, deny = [], excludeSeen, excludePurchased, maxPerGroup = 0, pinned = [], boost } = request;
  const left = excludeSeen ? seen : excludePurchased ? purchased : [];
  const hasNone = deny.length + left.length + pinned.length + maxPerGroup === 0;
  if (hasNone && !allow && !candidates && !boost && !request.groups) return { rules: noRules };
  const denied = [...deny, ...left];
  const resolved = new ResolvedSelection(
    {
      allow,
      deny: denied,
      pinned,
      boost: { items: new Map(Object.entries(boost?.items ?? {})) },
    },
    { itemIds, n, candidates, isAvailable: (id) => items?.get(id)?.available !== false },
  );
  const groups = request.groups && numberGroups(request.groups, itemIds);
  const numberOf = (group: string) => (groups ? groups.numbers.get(group) : items?.groupNumber(group));
  const groupBoosts = Object.entries(boost?.groups ?? {}).flatMap(([group, value]) => {
    const number = numberOf(group);
    return number === undefined ? [] : [[number, value] as const];
  });
  return {
    rules: {
      ...resolved.rules(),
      maxPerGroup,
      groups: groups?.ofItem,
      groupBoosts: new Map(groupBoosts),
    },
    idOf: (item) => resolved.idOf(item),
  };
}

export function checkRules(
  { maxPerGroup, groups, boost, fields }: RequestRules,
  items: ItemsFile | undefined,
): void {
  if (!fields && maxPerGroup === undefined && !boost?.groups) return;
  for (const name of fields ?? []) {
    if (items?.fields.has(name)) continue;
    const known = items ? `one of ${showNames([...items.fields])}` : 'a server with an items file';
    throw new Problem(400, `"fields" expected ${known}, got ${JSON.stringify(name)}`);
  }
  if (groups || items?.hasGroups) return;
  for (const [name, value] of Object.entries({ maxPerGroup, 'boost.groups': boost?.groups })) {
    if (value !== undefined) {
      throw new Problem(400, `"${name}" expected "groups" with it, or an items file with groups, got none`);
    }
  }
}

function numberGroups(
  groups: Readonly<Record<string, string>>,
  itemIds: ItemIdTable,
): { readonly ofItem: ReadonlyMap<number, number>; readonly numbers: ReadonlyMap<string, number> } {
  const numbers = new Map<string, number>();
  const ofItem = new Map<number, number>();
  for (const [item, group] of Object.entries(groups)) {
    const index = itemIds.indexOf(item);
    if (!numbers.has(group)) numbers.set(group, numbers.size);
    if (index >= 0) ofItem.set(index, numbers.get(group) ?? 0);
  }
  return { ofItem, numbers };
}
