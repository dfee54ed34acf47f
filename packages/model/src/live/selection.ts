import {
  checkOptions,
  flag,
  integer,
  type OptionCheck,
  type OptionChecks,
  share,
  show,
} from '@gru4rec/checks';
import type { ItemIds } from '@gru4rec/dataset/ids';
import { type ExcludedItems, firstByGroup, type Scores, topItems, topItemsByGroup } from '@gru4rec/metrics';
import { AllowedItems } from './allowed-items.ts';
import { type BestItems, type LivePrograms, listLengths } from './live-engine.ts';
import { atPlaces, fuseRanks, MIXED_ITEMS, mixedPlaces, type RankFusion } from './mixing.ts';

/** Scoring a single item takes twenty times its share of screening all of them (10⁶ items, 64 units). */
const ITEM_SCORING_COST = 20;

/** How many times more items to list where groups exclude some of them. */
const LIST_MARGIN = 4;

/** The scores of sessions by their states: of the programs of a model, or of `fixedScores`. */
export type SessionScores = Pick<
  LivePrograms,
  'best' | 'bestAllowed' | 'scoreAll' | 'scoreItems' | 'vectors'
>;

/** An item at a fixed position. */
export interface PinnedItem {
  /** From 1. */
  readonly position: number;
  /** Item index; negative if the model does not know the item, which then has the score NaN. */
  readonly item: number;
}

/** The rules of a selection that name items, by item index. */
export interface ItemRules {
  /** None of these items. The known pinned ones are among them. */
  readonly excluded: ReadonlySet<number>;
  /** Only these items; undefined = all. */
  readonly allowed: AllowedItems | undefined;
  readonly itemBoosts: ReadonlyMap<number, number>;
  /** By ascending position, at most the number of items wanted. */
  readonly pins: readonly PinnedItem[];
}

/** A selection of items for a session, by item index. */
export interface ItemSelection extends ItemRules {
  readonly state: Float32Array;
  readonly n: number;
  readonly fusion?: RankFusion | undefined;
  /** As of `Selection`; without effect where items have no vectors. */
  readonly variety: number;
  /** The most items per group; 0 = no limit. */
  readonly maxPerGroup: number;
  /** Group of an item, any key; undefined = no group, and no limit. */
  readonly groupOf: (item: number) => unknown;
  readonly groupBoosts: ReadonlyMap<unknown, number>;
  /** Items that no answer contains, and their share of all items. */
  readonly unavailable?: (ExcludedItems & { readonly share: number }) | undefined;
}

/** The same selection of items that a list may have; of all `itemCount`, if it names none. */
export function onlyAmong(
  selection: ItemSelection,
  items: Int32Array | undefined,
  itemCount: number,
): ItemSelection {
  if (!items) return selection;
  const both = items.filter((item) => selection.allowed?.has(item) !== false);
  return { ...selection, allowed: AllowedItems.of(both, itemCount) };
}

/** Selects the best items for sessions, by item index: rules, then mixing, then limits per group, then pins. */
export class ItemSelector {
  readonly #scores: SessionScores;
  readonly #itemCount: number;

  constructor(scores: SessionScores, itemCount: number) {
    this.#scores = scores;
    this.#itemCount = itemCount;
  }

  /** A list per selection: its best n items, best first, equal scores by item index, and the pinned ones at their positions. */
  select(selections: readonly ItemSelection[]): BestItems[] {
    const pools = selections.map(poolOf);
    const lists = this.#listBest(pools);
    return selections.map((selection, i) =>
      this.#pin(selection, this.#mix(selection, this.#best(pools[i], lists[i]))),
    );
  }

  /** The best n of these ascending items, whether `allowed` has them or not. Only they are scored. */
  selectAmong(candidates: Int32Array, selection: ItemSelection): BestItems {
    return this.#mix(selection, this.#among(candidates, poolOf(selection)));
  }

  #among(candidates: Int32Array, selection: ItemSelection): BestItems {
    const { excluded, unavailable } = selection;
    const items = candidates.filter((item) => !excluded.has(item) && !unavailable?.has(item));
    return pick(selection, { items, scores: this.#scoresOf(selection, items) }, NOTHING);
  }

  /** Lists more of the best items than are wanted, because the rules exclude some. Not where rules change scores. */
  #listBest(selections: readonly ItemSelection[]): (BestItems | undefined)[] {
    const byLength = new Map<number, number[]>();
    for (const [i, selection] of selections.entries()) {
      const length = this.#listLength(selection);
      if (length === undefined || selection.allowed) continue;
      const group = byLength.get(length);
      if (group) group.push(i);
      else byLength.set(length, [i]);
    }
    const lists: (BestItems | undefined)[] = [];
    for (const [length, group] of byLength) {
      const states = group.map((i) => selections[i].state);
      const best = this.#scores.best(states, Math.min(length, this.#itemCount));
      for (const [at, i] of group.entries()) lists[i] = best?.[at];
    }
    return lists;
  }

  #listLength(selection: ItemSelection): number | undefined {
    const { n, allowed, excluded, maxPerGroup, unavailable } = selection;
    if (n === 0 || boostOf(selection) || this.#areFew(allowed)) return undefined;
    const margin = maxPerGroup > 0 ? LIST_MARGIN : 1;
    const wanted = (n / (1 - (unavailable?.share ?? 0))) * margin + excluded.size;
    return listLengths.find((length) => length >= wanted);
  }

  #areFew(allowed: AllowedItems | undefined): boolean {
    return allowed !== undefined && allowed.count * ITEM_SCORING_COST < this.#itemCount;
  }

  #best(selection: ItemSelection, list?: BestItems): BestItems {
    const { n, allowed, state } = selection;
    if (n === 0) return NO_ITEMS;
    if (allowed && this.#areFew(allowed)) return this.#among(allowed.items(), selection);
    const best = list ?? this.#listAllowed(selection);
    if (best) {
      const chosen = isPlain(selection) ? firstOf(best, n) : pick(selection, best);
      const isAll = best.items.length === (allowed?.count ?? this.#itemCount);
      if (chosen.items.length === n || isAll) return chosen;
    }
    const scores = this.#scores.scoreAll(state);
    const boost = boostOf(selection);
    if (!boost) return pick(selection, { scores });
    const boosted = new Float64Array(scores.length);
    for (let item = 0; item < boosted.length; item++) boosted[item] = scores[item] + boost(item);
    return pick(selection, { scores: boosted });
  }

  #listAllowed(selection: ItemSelection): BestItems | undefined {
    const { allowed, state } = selection;
    const length = this.#listLength(selection);
    if (!allowed || length === undefined) return undefined;
    return this.#scores.bestAllowed?.(state, Math.min(length, allowed.count), allowed.bits);
  }

  #scoresOf(selection: ItemSelection, items: Int32Array): Float64Array {
    const scores = this.#scores.scoreItems(selection.state, items);
    const boost = boostOf(selection);
    return boost ? Float64Array.from(items, (item, at) => scores[at] + boost(item)) : scores;
  }

  /** Mixes the pool of a selection, then limits the items per group. */
  #mix(selection: ItemSelection, pool: BestItems): BestItems {
    if (!isMixed(selection)) return pool;
    const { n, fusion, variety, maxPerGroup, groupOf, excluded } = selection;
    const { vectors } = this.#scores;
    const best = fusion ? fuseRanks(pool, fusion) : pool;
    const mixing = variety > 0 && vectors ? { variety, vectors } : undefined;
    const first = (from: BestItems, places: Iterable<number>) => {
      const groupAt = (place: number) => groupOf(from.items[place]);
      const most = maxPerGroup || Number.POSITIVE_INFINITY;
      return atPlaces(from, firstByGroup(places, n, { groupOf: groupAt, maxPerGroup: most }));
    };
    const list = first(best, mixing ? mixedPlaces(best, mixing) : best.items.keys());
    if (maxPerGroup === 0 || fusion || list.items.length === n) return list;
    // The next best n: no more of them than the list has are of groups that it has.
    const next = this.#best({ ...selection, excluded: new Set([...excluded, ...best.items]) });
    const items = Int32Array.of(...list.items, ...next.items);
    return first({ items, scores: Float64Array.of(...list.scores, ...next.scores) }, items.keys());
  }

  /** Puts pinned items at their positions among the best ones; positions beyond the list come at its end. */
  #pin(selection: ItemSelection, best: BestItems): BestItems {
    const { pins, n } = selection;
    if (pins.length === 0) return best;
    const known = Int32Array.from(pins.map(({ item }) => item).filter((item) => item >= 0));
    const scoresOfKnown = this.#scoresOf(selection, known);
    const [items, scores] = [[...best.items], [...best.scores]];
    for (const { item, position } of pins) {
      items.splice(position - 1, 0, item);
      scores.splice(position - 1, 0, scoresOfKnown[known.indexOf(item)] ?? Number.NaN);
    }
    return { items: Int32Array.from(items.slice(0, n)), scores: Float64Array.from(scores.slice(0, n)) };
  }
}

/** The same scores for every session. @param scores - [I]; not copied. @param of - has the vectors of the items. */
export function fixedScores(scores: Scores, of?: Pick<SessionScores, 'vectors'>): SessionScores {
  return {
    get vectors() {
      return of?.vectors;
    },
    best: () => undefined,
    scoreAll: () => scores,
    scoreItems: (_, items) => Float64Array.from(items, (item) => scores[item] ?? Number.NaN),
  };
}

interface ScoredCandidates {
  readonly items?: Int32Array;
  readonly scores: Scores;
}

const NOTHING: ExcludedItems = new Set();

const NO_ITEMS: BestItems = { items: new Int32Array(), scores: new Float64Array() };

function isMixed({ n, fusion, variety }: ItemSelection): boolean {
  return n > 0 && (fusion !== undefined || variety > 0);
}

/** What a selection is mixed from; the selection itself if it is not mixed. */
function poolOf(selection: ItemSelection): ItemSelection {
  if (!isMixed(selection)) return selection;
  const { n, fusion } = selection;
  return { ...selection, n: fusion ? fusion.ranks.size : Math.max(n, MIXED_ITEMS), maxPerGroup: 0 };
}

function pick(
  selection: ItemSelection,
  { items, scores }: ScoredCandidates,
  out: ExcludedItems = excludedBy(selection),
): BestItems {
  const { n, maxPerGroup, groupOf } = selection;
  const itemAt = (position: number): number => (items ? (items[position] ?? -1) : position);
  const excluded = items ? { has: (position: number) => out.has(itemAt(position)) } : out;
  const groupAt = (position: number) => groupOf(itemAt(position));
  const best =
    maxPerGroup > 0
      ? topItemsByGroup(scores, n, { groupOf: groupAt, maxPerGroup, excluded })
      : topItems(scores, n, excluded);
  return {
    items: best.map(itemAt),
    scores: Float64Array.from(best, (position) => scores[position] ?? Number.NaN),
  };
}

function isPlain({ excluded, allowed, unavailable, maxPerGroup }: ItemSelection): boolean {
  return excluded.size + maxPerGroup === 0 && !allowed && !unavailable;
}

function firstOf({ items, scores }: BestItems, n: number): BestItems {
  return { items: items.subarray(0, n), scores: scores.subarray(0, n) };
}

function excludedBy({ excluded, allowed, unavailable }: ItemSelection): ExcludedItems {
  if (!allowed && !unavailable) return excluded;
  const isOut = (item: number) => allowed?.has(item) === false || unavailable?.has(item) === true;
  return { has: (item) => excluded.has(item) || isOut(item) };
}

function boostOf({
  itemBoosts,
  groupBoosts,
  groupOf,
}: ItemSelection): ((item: number) => number) | undefined {
  if (itemBoosts.size + groupBoosts.size === 0) return undefined;
  return (item) => (itemBoosts.get(item) ?? 0) + (groupBoosts.get(groupOf(item)) ?? 0);
}

/** Which items an answer may contain. Ids that the model does not know are ignored. */
export interface Selection {
  readonly allow?: Iterable<string> | undefined;
  readonly deny?: Iterable<string> | undefined;
  /** Excludes the items that were clicked in the session. */
  readonly excludeSeen?: boolean | undefined;
  /** Excludes the items that were clicked in the session with the type of purchases, `purchase` unless `sessions` has another. */
  readonly excludePurchased?: boolean | undefined;
  /** Group of an item. Items without a group are not limited. */
  readonly groups?: (ReadonlyMap<string, string> | ((itemId: string) => string | undefined)) | undefined;
  /** The most items per group: the best ones. */
  readonly maxPerGroup?: number | undefined;
  /**
   * How unlike the items are, from 0 (only by score) to 1: maximal marginal relevance of the best 200. Not of baselines, whose items
   * have no vectors.
   */
  readonly variety?: number | undefined;
  readonly boost?: Boosts | undefined;
  /**
   * Items at fixed positions of a list, if the other rules allow them; the first pin of a position and of an item counts. An
   * item that the model does not know has the score NaN.
   */
  readonly pinned?: readonly Pin[] | undefined;
}

/** Numbers that are added to scores, by item id and by group. */
export interface Boosts {
  readonly items?: ReadonlyMap<string, number>;
  readonly groups?: ReadonlyMap<string, number> | undefined;
}

/** An item id at a fixed position. */
export interface Pin {
  /** From 1. A position beyond the end of the list has no effect. */
  readonly position: number;
  readonly item: string;
}

const list: OptionCheck = {
  expected: 'a list of item ids',
  fits: (ids) => typeof ids === 'object' && ids !== null && Symbol.iterator in ids,
};
const checks: OptionChecks<Selection> = {
  allow: list,
  deny: list,
  excludeSeen: flag,
  excludePurchased: flag,
  groups: {
    expected: 'a Map or a function',
    fits: (groups) => typeof groups === 'function' || groups instanceof Map,
  },
  maxPerGroup: integer(1),
  variety: share,
  boost: { expected: 'an object', fits: (boost) => typeof boost === 'object' && boost !== null },
  pinned: { expected: 'a list of pins', fits: Array.isArray },
};

export function checkSelection(caller: string, selection: Selection): void {
  checkOptions(caller, selection, checks);
  const { groups, maxPerGroup, boost = {}, pinned = [] } = selection;
  const needsGroups = Object.entries({ maxPerGroup, 'boost.groups': boost.groups });
  const [needed] = needsGroups.flatMap(([name, value]) => (value === undefined ? [] : name));
  if ((groups === undefined) !== (needed === undefined)) {
    const [there, missing] = groups ? ['groups', 'maxPerGroup'] : [needed, 'groups'];
    throw new RangeError(`${caller}: "${missing}" expected a value beside "${there}", got none`);
  }
  for (const [name, boosts] of Object.entries(boost)) expectNumbers(`${caller}: "boost.${name}"`, boosts);
  for (const [i, { position }] of pinned.entries()) {
    expectPositive(`${caller}: "pinned[${i}].position"`, position);
  }
}

/** A selection whose lists can be read for several sessions: a caller's may be iterators. */
export function readSelection(caller: string, selection: Selection): Selection {
  checkSelection(caller, selection);
  const { allow, deny } = selection;
  return { ...selection, ...(allow && { allow: [...allow] }), ...(deny && { deny: [...deny] }) };
}

/** A list of ids; a text is refused, as it would be taken letter by letter. */
export function expectIds(what: string, ids: Iterable<string>): void {
  if (list.fits(ids)) return;
  throw new TypeError(`${what} expected ${list.expected}, got ${show(ids)}`);
}

export function expectPositive(what: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(`${what} expected a positive integer, got ${value}`);
  }
}

function expectNumbers(what: string, values: ReadonlyMap<string, number>): void {
  if (!(values instanceof Map)) {
    throw new TypeError(`${what} expected a Map, got ${JSON.stringify(values)}`);
  }
  for (const [name, value] of values) {
    if (!Number.isFinite(value)) throw new RangeError(`${what} of ${name} expected a number, got ${value}`);
  }
}

/** What a selection is resolved against. */
export interface ResolveOptions {
  readonly itemIds: Pick<ItemIds, 'at' | 'indexOf' | 'length'>;
  /** Number of items wanted. Pins beyond it are dropped. */
  readonly n: number;
  /** The only items that the answer may contain, in addition to the selection. */
  readonly candidates?: readonly string[] | undefined;
  /** The only items that the answer may contain, likewise; no pinned item that the model does not know. */
  readonly where?: AllowedItems | undefined;
  /** Whether an item may be pinned; all may, if not given. */
  readonly isAvailable?: (itemId: string) => boolean;
}

/** The rules of a selection that name items, by item index. Ids are looked up once for all sessions. */
export class ResolvedSelection {
  readonly #itemIds: ResolveOptions['itemIds'];
  readonly #pinned: Selection['pinned'] & object;
  readonly #denied: ReadonlySet<number>;
  readonly #allowed: AllowedItems | undefined;
  readonly #itemBoosts: ReadonlyMap<number, number>;
  /** By position. Negative items are unknown: −1 is the first of `pinned`. */
  readonly #pins: readonly PinnedItem[];

  /** @param selection - its lists are read twice, so they must be iterable twice, as those of `readSelection` are. */
  constructor(selection: Selection, { itemIds, n, candidates, where, isAvailable }: ResolveOptions) {
    const { allow, deny = [], boost, pinned = [] } = selection;
    const indexOf = (id: string) => itemIds.indexOf(id);
    const known = (ids: Iterable<string>) => new Set(Array.from(ids, indexOf).filter((item) => item >= 0));
    const allowed = allow && known(allow);
    const named = candidates
      ? [...known(candidates)].filter((item) => allowed?.has(item) !== false)
      : allowed;
    const both = named && where ? [...named].filter((item) => where.has(item)) : named;
    this.#itemIds = itemIds;
    this.#pinned = pinned;
    this.#denied = known(deny);
    this.#allowed = both ? AllowedItems.of(both, itemIds.length) : where;
    const boosts = Array.from(boost?.items ?? [], ([id, value]) => [indexOf(id), value] as const);
    this.#itemBoosts = new Map(boosts.filter(([item]) => item >= 0));
    this.#pins = pinned
      .map(({ position, item: id }, at) => ({ position, id, item: indexOf(id) < 0 ? -1 - at : indexOf(id) }))
      .filter(({ position, id, item }) => {
        if (position > n || isAvailable?.(id) === false) return false;
        if (item >= 0) return allowed?.has(item) !== false && where?.has(item) !== false;
        if (where) return false;
        return ![...deny].includes(id) && (!allow || [...allow].includes(id));
      });
  }

  /** The rules for a session. @param seen - its items, if they are excluded. */
  rules(seen: Iterable<number> = []): ItemRules {
    const excluded = new Set([...this.#denied, ...seen]);
    const pins = this.#pinsWithout(excluded);
    for (const { item } of pins) if (item >= 0) excluded.add(item);
    return { excluded, allowed: this.#allowed, itemBoosts: this.#itemBoosts, pins };
  }

  /** The id of an item of the answer. */
  idOf(item: number): string {
    return (item < 0 ? this.#pinned[-1 - item]?.item : this.#itemIds.at(item)) as string;
  }

  #pinsWithout(excluded: ReadonlySet<number>): readonly PinnedItem[] {
    if (this.#pins.length === 0) return this.#pins;
    const taken = new Set<string>();
    const positions = new Set<number>();
    return this.#pins
      .filter(({ position, item }) => {
        const id = this.idOf(item);
        if (excluded.has(item) || taken.has(id) || positions.has(position)) return false;
        taken.add(id);
        positions.add(position);
        return true;
      })
      .sort((a, b) => a.position - b.position);
  }
}
