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
  /** Group of an item. Items without a group are not limited. */
  readonly groups?: ReadonlyMap<string, string> | ((itemId: string) => string | undefined);
  /** The most items per group: the best ones. */
  readonly maxPerGroup?: number;
}

const list: OptionCheck = {
  expected: 'a list of item ids',
  fits: (ids) => typeof ids === 'object' && ids !== null && Symbol.iterator in ids,
};
const checks: OptionChecks<Selection> = {
  allow: list,
  deny: list,
  excludeSeen: flag,
  groups: {
    expected: 'a Map or a function',
    fits: (groups) => typeof groups === 'function' || groups instanceof Map,
  },
  maxPerGroup: integer(1),
};

/** @throws TypeError, RangeError naming the wrong option and what is allowed. */
export function checkSelection(caller: string, selection: Selection): void {
  checkOptions(caller, selection, checks);
  const { groups, maxPerGroup } = selection;
  if ((groups === undefined) !== (maxPerGroup === undefined)) {
    const [there, missing] = groups ? ['groups', 'maxPerGroup'] : ['maxPerGroup', 'groups'];
    throw new RangeError(`${caller}: "${missing}" expected a value beside "${there}", got none`);
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
