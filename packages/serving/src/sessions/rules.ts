import { showNames } from '@gru4rec/checks';
import type { ItemIdTable } from '@gru4rec/dataset/ids';
import {
  type Condition,
  cellOf,
  type ItemInfo,
  meets,
  parseWhere,
  RuleColumns,
  startingFrom,
} from '@gru4rec/dataset/items';
import { ResolvedSelection } from '@gru4rec/model';
import type { CodedColumn } from '@gru4rec/recommender';
import { z } from 'zod';
import { Problem } from '../http/problem.ts';
import { id, itemId, limits } from '../http/schema.ts';
import type { IndexRules } from '../inference/messages.ts';
import type { ModelVersion } from '../inference/model-version.ts';
import type { ItemsFile } from '../items/items-file.ts';

const ids = z.array(itemId).max(limits.items);
const boosts = z.record(z.string(), z.number().min(-1000).max(1000)).meta({ maxProperties: limits.items });
const position = z.int().min(1).max(limits.n);

const WHERE =
  'Only items whose columns of the items file meet rules, such as {"brand": ["Nike", "Puma"], "price": {"lte": 50}, "category": {"same": true}, "colour": {"not": "red"}}: a value or a list of values, `not`, `lt`, `lte`, `gt` and `gte` of numbers, `same` as the item that the list starts from';

const commonRules = {
  place: id
    .describe('Where the list is shown, such as product; the event log keeps the answer, for gru4rec impact')
    .optional(),
  allow: ids.describe('Only these items').optional(),
  deny: ids.describe('None of these items').optional(),
  excludeSeen: z.boolean().default(false).describe('Exclude the items of the session'),
  excludePurchased: z
    .boolean()
    .default(false)
    .describe('Exclude the items that the session has clicked with the type purchase'),
  maxPerGroup: position.describe('The most items per group').optional(),
  groupBy: id.default('group').describe('Column of the items file by which items are grouped'),
  variety: z
    .number()
    .min(0)
    .max(1)
    .describe('How unlike the items are, from 0, only by score, to 1; not of baselines')
    .optional(),
  fields: z
    .array(id)
    .max(100)
    .describe('Columns of the items file that the answer repeats per item')
    .optional(),
};

/** Rules, in the order in which they apply: which items, then boosts, then limits per group, then pins. */
export const queryRules = {
  ...commonRules,
  where: z.string().max(limits.where).describe(`${WHERE}; JSON`).optional(),
};

export const bodyRules = {
  ...commonRules,
  where: z.record(z.string(), z.unknown()).describe(WHERE).optional(),
  groups: z
    .record(z.string(), id)
    .meta({ maxProperties: limits.items })
    .describe('Group per item, in the place of a column of the items file')
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

type BodyRules = z.output<z.ZodObject<typeof bodyRules & { pinned: typeof pinned }>>;

export type RequestRules = Partial<Omit<BodyRules, 'where'>> & { readonly where?: unknown };

export interface RuleContext {
  readonly version: Pick<ModelVersion, 'itemIds' | 'catalogue' | 'plainRules'>;
  readonly items: ItemsFile | undefined;
  readonly conditions: readonly Condition[];
  /** What the items file says of the item that the list starts from. */
  readonly start: ItemInfo | undefined;
  readonly seen: readonly string[];
  readonly purchased?: readonly string[];
  /** The only items that may come out, in addition to the rules. */
  readonly candidates?: readonly string[] | undefined;
  /** Weight of the model's order of the candidates beside theirs; only the model's, if not given. */
  readonly weight?: number | undefined;
  readonly n: number;
}

export interface ResolvedRules {
  readonly rules: IndexRules;
  /** Without, all items are the model's. */
  readonly idOf?: (item: number) => string;
  /** Candidates that the model does not know and the rules allow. */
  readonly unknown?: ReadonlySet<string> | undefined;
}

export function resolveRules(request: RequestRules, context: RuleContext): ResolvedRules {
  const { version, items, conditions, start, seen, purchased = [], candidates, weight, n } = context;
  const { itemIds, catalogue, plainRules } = version;
  const { allow, deny = [], excludeSeen, excludePurchased, maxPerGroup = 0, pinned = [], boost } = request;
  const { variety = 0 } = request;
  const left = excludeSeen ? seen : excludePurchased ? purchased : [];
  const where = conditions.length > 0 ? catalogue?.allowed(conditions, start) : undefined;
  const hasNone = deny.length + left.length + pinned.length + maxPerGroup + variety === 0;
  if (hasNone && !allow && !candidates && !boost && !request.groups) {
    return { rules: where ? { ...plainRules, allowed: where, available: undefined } : plainRules };
  }
  const denied = [...deny, ...left];
  const resolved = new ResolvedSelection(
    {
      allow,
      deny: denied,
      pinned,
      boost: { items: new Map(Object.entries(boost?.items ?? {})) },
    },
    { itemIds, n, candidates, where, isAvailable: (id) => items?.get(id)?.available !== false },
  );
  const { groups } = request;
  const { codes, cells } = groups
    ? numberGroups(groups, itemIds)
    : (groupsIn(request, catalogue) ?? { codes: undefined, cells: NO_CELLS });
  const groupBoosts = Object.entries(boost?.groups ?? {}).flatMap(([group, value]) => {
    const number = cells.get(group);
    return number === undefined ? [] : [[number, value] as const];
  });
  return {
    rules: {
      ...resolved.rules(),
      available: where ? undefined : plainRules.available,
      fusion:
        candidates && weight !== undefined ? { weight, ranks: ranksOf(candidates, itemIds) } : undefined,
      variety,
      maxPerGroup,
      groups: codes,
      groupBoosts: new Map(groupBoosts),
    },
    idOf: (item) => resolved.idOf(item),
    unknown: candidates && unknownIn(candidates, denied, { ...context, allow }),
  };
}

const NO_CELLS: ReadonlyMap<string, number> = new Map();

function groupsIn(
  { maxPerGroup, boost, groupBy = 'group' }: RequestRules,
  catalogue: ModelVersion['catalogue'],
): CodedColumn | undefined {
  return maxPerGroup !== undefined || boost?.groups ? catalogue?.column(groupBy) : undefined;
}

function ranksOf(candidates: readonly string[], itemIds: ItemIdTable): Map<number, number> {
  const ranked = Array.from(new Set(candidates), (id, at) => [itemIds.indexOf(id), at + 1] as const);
  return new Map(ranked.filter(([item]) => item >= 0));
}

function unknownIn(
  candidates: readonly string[],
  denied: readonly string[],
  context: UnknownContext,
): Set<string> {
  const { allow, version, items, conditions, start } = context;
  const [allowed, out] = [allow && new Set(allow), new Set(denied)];
  const isLeft = (id: string) => {
    if (version.itemIds.indexOf(id) >= 0 || out.has(id) || allowed?.has(id) === false) return false;
    const info = items?.get(id);
    if (info?.available === false) return false;
    return conditions.every((condition) => {
      const started = startingFrom(condition, start);
      return !started || meets(started, info ? cellOf(info, condition.column) : '');
    });
  };
  return new Set(candidates.filter(isLeft));
}

type UnknownContext = Pick<RuleContext, 'version' | 'items' | 'conditions' | 'start'> &
  Pick<RequestRules, 'allow'>;

export function checkVariety({ variety = 0 }: RequestRules, hasVectors: boolean): void {
  if (variety === 0 || hasVectors) return;
  const expected = 'a model whose items have vectors, such as a GRU4Rec';
  throw new Problem(400, `"variety" expected ${expected}, got baselines only. Leave it out`);
}

/** @returns what `where` says. */
export function checkRules(
  { where, maxPerGroup, groups, groupBy = 'group', boost, fields }: RequestRules,
  items: ItemsFile | undefined,
): Condition[] {
  for (const name of fields ?? []) {
    if (items?.columns.kindOf(name)) continue;
    const known = items ? `one of ${showNames(items.columns.names)}` : 'a server with an items file';
    throw new Problem(400, `"fields" expected ${known}, got ${JSON.stringify(name)}`);
  }
  if (!groups && !items?.columns.kindOf(groupBy)) {
    for (const [name, value] of Object.entries({ maxPerGroup, 'boost.groups': boost?.groups })) {
      if (value === undefined) continue;
      const column = `an items file with the column ${groupBy}`;
      throw new Problem(400, `"${name}" expected "groups" with it, or ${column}, got none`);
    }
  }
  return where === undefined ? [] : conditionsOf(where, items);
}

function conditionsOf(where: unknown, items: ItemsFile | undefined): Condition[] {
  try {
    return parseWhere(
      typeof where === 'string' ? JSON.parse(where) : where,
      items?.columns ?? new RuleColumns(),
    );
  } catch (cause) {
    const { message } = cause as Error;
    const detail = cause instanceof SyntaxError ? `"where" expected JSON: ${message}` : message;
    throw new Problem(400, detail, { cause });
  }
}

function numberGroups(
  groups: Readonly<Record<string, string>>,
  itemIds: ItemIdTable,
): { readonly codes: ReadonlyMap<number, number>; readonly cells: ReadonlyMap<string, number> } {
  const cells = new Map<string, number>();
  const codes = new Map<number, number>();
  for (const [item, group] of Object.entries(groups)) {
    const index = itemIds.indexOf(item);
    if (!cells.has(group)) cells.set(group, cells.size);
    if (index >= 0) codes.set(index, cells.get(group) ?? 0);
  }
  return { codes, cells };
}
