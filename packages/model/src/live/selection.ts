import {
  checkOptions,
  flag,
  integer,
  type OptionCheck,
  type OptionChecks,
  show,
} from '@gru4rec/checked-options';
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

/** @throws TypeError, RangeError naming the wrong option and what is allowed. */
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

/**
 * A selection whose lists can be read for several sessions: a caller's may be iterators.
 * @throws TypeError, RangeError as `checkSelection`.
 */
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
