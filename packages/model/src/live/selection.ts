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

/** @throws TypeError, RangeError naming the wrong option and what is allowed. */
export function checkSelection(caller: string, selection: Selection): void {
  const { groups, maxPerGroup } = selection;
  for (const name of ['allow', 'deny'] as const) expectIds(`${caller}: "${name}"`, selection[name]);
  if ((groups === undefined) !== (maxPerGroup === undefined)) {
    const [there, missing] = groups ? ['groups', 'maxPerGroup'] : ['maxPerGroup', 'groups'];
    throw new RangeError(`${caller}: "${missing}" expected a value beside "${there}", got none`);
  }
  if (groups !== undefined && typeof groups !== 'function' && !(groups instanceof Map)) {
    throw new TypeError(`${caller}: "groups" expected a Map or a function, got ${JSON.stringify(groups)}`);
  }
  if (maxPerGroup !== undefined) expectPositive(`${caller}: "maxPerGroup"`, maxPerGroup);
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
export function expectIds(what: string, ids: Iterable<string> | undefined): void {
  if (ids === undefined) return;
  if (typeof ids !== 'string' && typeof ids?.[Symbol.iterator] === 'function') return;
  throw new TypeError(`${what} expected a list of item ids, got ${JSON.stringify(ids)}`);
}

export function expectPositive(what: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(`${what} expected a positive integer, got ${value}`);
  }
}
