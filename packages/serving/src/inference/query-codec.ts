import { AllowedItems } from '@gru4rec/model';
import type { IndexRules, Query, QueryBatch } from './messages.ts';

const NONE = -1;
const NO_BOOSTS: ReadonlyMap<number, number> = new Map();
const NO_PINS: IndexRules['pins'] = [];

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
    list(rules.allowed?.items);
    list(rules.groups?.keys());
    list(rules.groups?.values());
    boosts(rules.itemBoosts);
    boosts(rules.groupBoosts);
    list(rules.pins.map(({ position }) => position));
    list(rules.pins.map(({ item }) => item));
  }
  return {
    kind: 'batch',
    count: queries.length,
    words: Int32Array.from(words),
    values: Float64Array.from(values),
  };
}

/** Reads what `encodeQueries` wrote. `steps` are views. */
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
  const allowed = () => {
    const items = list();
    return items && new AllowedItems(items);
  };
  const pairs = (keys: Int32Array, of: ArrayLike<number>) =>
    new Map(Array.from(keys, (key, at) => [key, of[at]] as const));
  const boosts = () => {
    const keys = some();
    if (keys.length === 0) return NO_BOOSTS;
    value += keys.length;
    return pairs(keys, values.subarray(value - keys.length, value));
  };
  const groups = () => {
    const [items, numbers] = [list(), list()];
    return items && pairs(items, numbers ?? items);
  };
  const pins = () => {
    const [positions, items] = [some(), some()];
    if (positions.length === 0) return NO_PINS;
    return Array.from(positions, (position, at) => ({ position, item: items[at] }));
  };
  return Array.from({ length: count }, () => ({
    slot: words[word++],
    reset: words[word++] === 1,
    n: words[word++],
    fallback: words[word++] === 1,
    maxPerGroup: words[word++],
    steps: some(),
    excluded: new Set(some()),
    allowed: allowed(),
    groups: groups(),
    itemBoosts: boosts(),
    groupBoosts: boosts(),
    pins: pins(),
  }));
}

export interface DecodedQuery extends Pick<Query, 'slot' | 'reset' | 'n' | 'fallback'>, IndexRules {
  readonly steps: readonly number[] | Int32Array;
}
