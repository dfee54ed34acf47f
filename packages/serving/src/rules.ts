import type { ItemIdTable } from '@gru4rec/item-ids';
import type { IndexRules } from './inference/messages.ts';
import type { ItemsFile } from './items-file.ts';
import { Problem } from './problem.ts';

/** Rules of a request, by item id. */
export interface RequestRules {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  readonly excludeSeen?: boolean;
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

/** An item at a fixed position, counted from 1. */
export interface Pin {
  readonly position: number;
  readonly item: string;
}

/** What rules are resolved against. */
export interface RuleContext {
  readonly itemIds: ItemIdTable;
  readonly items: ItemsFile | undefined;
  /** Item ids of the session. */
  readonly seen: readonly string[];
  /** The only items that may come out, in addition to the rules. */
  readonly candidates?: readonly string[] | undefined;
  /** Number of items wanted. */
  readonly n: number;
}

/** Rules by item index, and the items to pin. */
export interface ResolvedRules {
  readonly rules: IndexRules;
  /** Pins up to position n that the other rules allow, by position; each item and position once. */
  readonly pins: readonly Pin[];
}

const NO_BOOST: ReadonlyMap<number, number> = new Map();

/** @throws Problem 400 if rules need an items file that lacks what they name. */
export function resolveRules(request: RequestRules, context: RuleContext): ResolvedRules {
  const { itemIds, items, seen, candidates } = context;
  checkRules(request, items);
  const denied = [...(request.deny ?? []), ...(request.excludeSeen ? seen : [])];
  const pins = allowedPins(request, denied, context);
  const pinned = indicesOf(
    itemIds,
    pins.map(({ item }) => item),
  );
  const groups = request.groups && numberGroups(request.groups, itemIds);
  return {
    pins,
    rules: {
      excluded: [...indicesOf(itemIds, denied), ...pinned],
      allowed: allowedOf(itemIds, request.allow, candidates),
      maxPerGroup: request.maxPerGroup ?? 0,
      groups: groups?.ofItem,
      itemBoosts: boostsOf(request.boost?.items, (item) => itemIds.indexOf(item)),
      groupBoosts: boostsOf(request.boost?.groups, (group) =>
        groups ? groups.numbers.get(group) : items?.groupNumber(group),
      ),
      scored: pinned,
    },
  };
}

function checkRules(
  { maxPerGroup, groups, boost, fields }: RequestRules,
  items: ItemsFile | undefined,
): void {
  for (const name of fields ?? []) {
    if (items?.fields.has(name)) continue;
    const known = items ? `one of ${[...items.fields].join(', ')}` : 'a server with an items file';
    throw new Problem(400, `"fields" expected ${known}, got ${JSON.stringify(name)}`);
  }
  if (groups || items?.hasGroups) return;
  for (const [name, given] of Object.entries({ maxPerGroup, 'boost.groups': boost?.groups })) {
    if (given !== undefined) {
      throw new Problem(400, `"${name}" expected "groups" with it, or an items file with groups, got none`);
    }
  }
}

function allowedPins(
  { pinned = [], allow }: RequestRules,
  denied: readonly string[],
  { items, n }: RuleContext,
): readonly Pin[] {
  if (pinned.length === 0) return pinned;
  const out = new Set(denied);
  const only = allow && new Set(allow);
  const positions = new Set<number>();
  return pinned
    .filter(({ item, position }) => {
      const fits = !out.has(item) && only?.has(item) !== false && items?.get(item)?.available !== false;
      if (!fits || position > n || positions.has(position)) return false;
      out.add(item);
      positions.add(position);
      return true;
    })
    .sort((a, b) => a.position - b.position);
}

/** Indices of the ids that the model knows. */
function indicesOf(itemIds: ItemIdTable, ids: readonly string[]): number[] {
  return ids.map((id) => itemIds.indexOf(id)).filter((index) => index >= 0);
}

function allowedOf(
  itemIds: ItemIdTable,
  allow: readonly string[] | undefined,
  candidates: readonly string[] | undefined,
): readonly number[] | undefined {
  if (!candidates) return allow && [...new Set(indicesOf(itemIds, allow))];
  const only = allow && new Set(allow);
  return [...new Set(indicesOf(itemIds, only ? candidates.filter((id) => only.has(id)) : candidates))];
}

function boostsOf(
  boosts: Readonly<Record<string, number>> | undefined,
  numberOf: (name: string) => number | undefined,
): ReadonlyMap<number, number> {
  if (!boosts) return NO_BOOST;
  const known = Object.entries(boosts).map(([name, value]) => [numberOf(name) ?? -1, value] as const);
  return new Map(known.filter(([number]) => number >= 0));
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
