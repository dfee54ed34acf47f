import type { IndexRules, Query, QueryBatch } from './messages.ts';

const NONE = -1;

/** Writes queries as numbers. */
export function encodeQueries(queries: readonly Query[]): QueryBatch {
  const words: number[] = [];
  const values: number[] = [];
  const list = (items: Iterable<number> | undefined) => {
    const at = words.push(NONE) - 1;
    if (items === undefined) return;
    for (const item of items) words.push(item);
    words[at] = words.length - at - 1;
  };
  const boosts = (map: ReadonlyMap<number, number>) => {
    list(map.keys());
    for (const value of map.values()) values.push(value);
  };
  for (const { slot, reset, steps, n, fallback, rules } of queries) {
    words.push(slot, Number(reset), n, Number(fallback), rules.maxPerGroup);
    list(steps);
    list(rules.excluded);
    list(rules.allowed);
    list(rules.groups?.keys());
    list(rules.groups?.values());
    boosts(rules.itemBoosts);
    boosts(rules.groupBoosts);
    list(rules.scored);
  }
  return {
    kind: 'batch',
    count: queries.length,
    words: Int32Array.from(words),
    values: Float64Array.from(values),
  };
}

/** Reads what `encodeQueries` wrote. Lists are views. */
export function decodeQueries({ count, words, values }: QueryBatch): DecodedQuery[] {
  let word = 0;
  let value = 0;
  const list = (): Int32Array | undefined => {
    const length = words[word++];
    if (length === NONE) return undefined;
    word += length;
    return words.subarray(word - length, word);
  };
  const some = () => list() ?? new Int32Array();
  const boosts = (): Boosts => {
    const keys = some();
    value += keys.length;
    return { keys, values: values.subarray(value - keys.length, value) };
  };
  return Array.from({ length: count }, () => ({
    slot: words[word++],
    reset: words[word++] === 1,
    n: words[word++],
    fallback: words[word++] === 1,
    maxPerGroup: words[word++],
    steps: some(),
    excluded: some(),
    allowed: list(),
    grouped: list(),
    groups: list(),
    itemBoosts: boosts(),
    groupBoosts: boosts(),
    scored: some(),
  }));
}

/** Additions to scores, by item or by group. */
export interface Boosts {
  readonly keys: Int32Array;
  readonly values: Float64Array;
}

/** A query as the thread reads it. */
export interface DecodedQuery extends Pick<Query, 'slot' | 'reset' | 'n' | 'fallback'> {
  readonly maxPerGroup: IndexRules['maxPerGroup'];
  readonly steps: Int32Array;
  readonly excluded: Int32Array;
  readonly allowed: Int32Array | undefined;
  /** Items with a group of the request, and their group numbers. */
  readonly grouped: Int32Array | undefined;
  readonly groups: Int32Array | undefined;
  readonly itemBoosts: Boosts;
  readonly groupBoosts: Boosts;
  readonly scored: Int32Array;
}
