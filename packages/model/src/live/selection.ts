import {
  checkOptions,
  flag,
  integer,
  type OptionCheck,
  type OptionChecks,
  show,
} from '@gru4rec/checked-options';
import type { ItemIds } from '@gru4rec/item-ids';
import { AllowedItems, type ItemRules, type PinnedItem } from './item-selector.ts';

/** Which items an answer may contain. Ids that the model does not know are ignored. */
export interface Selection {
  /** Only these items. */
  readonly allow?: Iterable<string>;
  /** None of these items. */
  readonly deny?: Iterable<string>;
  /** Excludes the items that were clicked in the session. */
  readonly excludeSeen?: boolean;
  /** Excludes the items that were clicked in the session with the type of purchases, `purchase` unless `sessions` has another. */
  readonly excludePurchased?: boolean;
  /** Group of an item. Items without a group are not limited. */
  readonly groups?: ReadonlyMap<string, string> | ((itemId: string) => string | undefined);
  /** The most items per group: the best ones. */
  readonly maxPerGroup?: number;
  /** Numbers that are added to the scores of items, and of the items of a group. */
  readonly boost?: Boosts;
  /**
   * Items at fixed positions of a list, if the other rules allow them; the first pin of a position and of an item counts. An
   * item that the model does not know has the score NaN.
   */
  readonly pinned?: readonly Pin[];
}

/** Numbers that are added to scores. */
export interface Boosts {
  /** By item id. */
  readonly items?: ReadonlyMap<string, number>;
  /** By group. */
  readonly groups?: ReadonlyMap<string, number>;
}

/** An item at a fixed position. */
export interface Pin {
  /** From 1. A position beyond the end of the list has no effect. */
  readonly position: number;
  /** Item id. */
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
  readonly itemIds: Pick<ItemIds, 'at' | 'indexOf'>;
  /** Number of items wanted. Pins beyond it are dropped. */
  readonly n: number;
  /** The only items that the answer may contain, in addition to the selection. */
  readonly candidates?: readonly string[] | undefined;
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

  /**
   * @param selection - its lists are read twice, so they must be iterable twice, as the lists that `readSelection` returns
   * are.
   */
  constructor(selection: Selection, { itemIds, n, candidates, isAvailable }: ResolveOptions) {
    const { allow, deny = [], boost, pinned = [] } = selection;
    const indexOf = (id: string) => itemIds.indexOf(id);
    const known = (ids: Iterable<string>) => new Set(Array.from(ids, indexOf).filter((item) => item >= 0));
    const allowed = allow && known(allow);
    const both = candidates ? [...known(candidates)].filter((item) => allowed?.has(item) !== false) : allowed;
    this.#itemIds = itemIds;
    this.#pinned = pinned;
    this.#denied = known(deny);
    this.#allowed = both && new AllowedItems(Int32Array.from(both));
    const boosts = Array.from(boost?.items ?? [], ([id, value]) => [indexOf(id), value] as const);
    this.#itemBoosts = new Map(boosts.filter(([item]) => item >= 0));
    this.#pins = pinned
      .map(({ position, item: id }, at) => ({ position, id, item: indexOf(id) < 0 ? -1 - at : indexOf(id) }))
      .filter(({ position, id, item }) => {
        if (position > n || isAvailable?.(id) === false) return false;
        if (item >= 0) return allowed?.has(item) !== false;
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
