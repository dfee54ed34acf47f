import { showNames } from '@gru4rec/checked-options';
import type { ItemIdTable } from '@gru4rec/item-ids';
import { type Pin, ResolvedSelection } from '@gru4rec/model';
import type { IndexRules } from './inference/messages.ts';
import type { ItemsFile } from './items-file.ts';
import { Problem } from './problem.ts';

/** Rules of a request, by item id. */
export interface RequestRules {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  readonly excludeSeen?: boolean;
  readonly excludePurchased?: boolean;
  readonly maxPerGroup?: number;
  readonly groups?: Readonly<Record<string, string>>;
  readonly boost?: {
    readonly items?: Readonly<Record<string, number>>;
    readonly groups?: Readonly<Record<string, number>>;
  };
  readonly pinned?: readonly Pin[];
  /** Columns of the items file that the answer repeats. */
  readonly fields?: readonly string[];
}

/** What rules are resolved against. */
export interface RuleContext {
  readonly itemIds: ItemIdTable;
  readonly items: ItemsFile | undefined;
  /** Item ids of the session. */
  readonly seen: readonly string[];
  /** Those of them that were purchased; none if not given. */
  readonly purchased?: readonly string[];
  /** The only items that may come out, in addition to the rules. */
  readonly candidates?: readonly string[] | undefined;
  /** Number of items wanted. */
  readonly n: number;
}

/** Rules by item index. */
export interface ResolvedRules {
  readonly rules: IndexRules;
  /** The id of an item of the answer. */
  readonly idOf: (item: number) => string;
}

/** What requests without rules share. */
const NO_RULES: IndexRules = {
  ...{ excluded: new Set<number>(), allowed: undefined, itemBoosts: new Map(), pins: [] },
  ...{ maxPerGroup: 0, groups: undefined, groupBoosts: new Map() },
};

/** @throws Problem 400 if rules need an items file that lacks what they name. */
export function resolveRules(request: RequestRules, context: RuleContext): ResolvedRules {
  const { itemIds, items, seen, purchased = [], candidates, n } = context;
  checkRules(request, items);
  const { allow, deny = [], excludeSeen, excludePurchased, maxPerGroup = 0, pinned = [], boost } = request;
  const left = excludeSeen ? seen : excludePurchased ? purchased : [];
  const denied = [...deny, ...left];
  const hasNone = denied.length + pinned.length + maxPerGroup === 0;
  if (hasNone && !allow && !candidates && !boost && !request.groups) {
    return { rules: NO_RULES, idOf: (item) => itemIds.at(item) as string };
  }
  const resolved = new ResolvedSelection(
    {
      ...(allow && { allow }),
      ...{ deny: denied, pinned },
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
      ...{ maxPerGroup, groups: groups?.ofItem, groupBoosts: new Map(groupBoosts) },
    },
    idOf: (item) => resolved.idOf(item),
  };
}

/** @throws Problem 400 if rules need an items file that lacks what they name. */
export function checkRules(
  { maxPerGroup, groups, boost, fields }: RequestRules,
  items: ItemsFile | undefined,
): void {
  for (const name of fields ?? []) {
    if (items?.fields.has(name)) continue;
    const known = items ? `one of ${showNames([...items.fields])}` : 'a server with an items file';
    throw new Problem(400, `"fields" expected ${known}, got ${JSON.stringify(name)}`);
  }
  if (groups || items?.hasGroups) return;
  for (const [name, given] of Object.entries({ maxPerGroup, 'boost.groups': boost?.groups })) {
    if (given !== undefined) {
      throw new Problem(400, `"${name}" expected "groups" with it, or an items file with groups, got none`);
    }
  }
}

/** Numbers the groups of a request in order of their appearance. */
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
