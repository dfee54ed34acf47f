import type { ContextColumn } from '@gru4rec/dataset';
import {
  type FeatureVocabulary,
  type ItemColumn,
  type ItemColumnNames,
  type ItemInfo,
  type ItemInfoTable,
  itemColumnKeys,
  kindsOfColumns,
  learnFeatures,
  RuleColumns,
} from '@gru4rec/dataset/items';
import type { SessionArrays } from '@gru4rec/metrics';
import { printable, tick } from '../terminal/printable.ts';
import { count, groupDigits } from '../terminal/progress.ts';

/** What a column of the items file says about next clicks. Shares are between 0 and 1. */
export interface ColumnFigures extends Pick<ItemColumn, 'name' | 'kind' | 'distinct'> {
  /** Features after rare values are folded together. */
  readonly features: number;
  /** Share of the items, and of the training clicks, with a value. */
  readonly items: number;
  readonly clicks: number;
  readonly shared: number;
  readonly chance: number;
}

export function* infosOf(table: ItemInfoTable, items: number): Generator<ItemInfo | undefined> {
  for (let item = 0; item < items; item++) yield table.at(item);
}

const MOST_PAIRS = 100_000;
/** The other place is this share of the log away. */
const AWAY = 0.382;

export function describeColumns(
  table: ItemInfoTable,
  support: Int32Array,
  train: SessionArrays,
): ColumnFigures[] {
  const infos = () => infosOf(table, support.length);
  const columns = kindsOfColumns(infos());
  if (columns.length === 0) return [];
  const ofFeatures = columns.filter(({ kind }) => kind !== 'vectors');
  const vocabulary = learnFeatures(
    ofFeatures.map(({ name }) => name),
    infos,
  );
  const features = new ItemFeatures(vocabulary, infos());
  const clicks = features.covered(support);
  const pairs = nextClicks(train);
  const shared = features.shared(pairs, 0);
  const chance = features.shared(pairs, Math.floor(AWAY * pairs.length));
  const total = support.reduce((sum, count) => sum + count, 0);
  return columns.map((column) => {
    const { name, kind, distinct, items } = column;
    const at = ofFeatures.indexOf(column);
    const covered = at < 0 ? clicksWith(name, table, support) : (clicks[at] ?? 0);
    return {
      name,
      kind,
      distinct,
      features: vocabulary.columns[at]?.size ?? 0,
      items: items / support.length,
      clicks: covered / total,
      shared: shared[at] ?? 0,
      chance: chance[at] ?? 0,
    };
  });
}

function clicksWith(name: string, table: ItemInfoTable, support: Int32Array): number {
  return support.reduce(
    (sum, count, item) => (table.at(item)?.fields[name] === undefined ? sum : sum + count),
    0,
  );
}

function nextClicks({ sessionOffsets, items }: SessionArrays): (readonly [before: number, next: number])[] {
  const step = Math.max(1, Math.floor(items.length / MOST_PAIRS));
  const pairs: [number, number][] = [];
  for (let session = 0, event = 0; session + 1 < sessionOffsets.length; session++) {
    const end = sessionOffsets[session + 1] ?? 0;
    for (; event + 1 < end; event += step) {
      const [before = 0, next = 0] = items.subarray(event, event + 2);
      if (before !== next) pairs.push([before, next]);
    }
    event = Math.max(event, end);
  }
  return pairs;
}

class ItemFeatures {
  readonly #offsets: Int32Array;
  readonly #features: Int32Array;
  readonly #columnOf: Int32Array;
  readonly #isRare: Uint8Array;
  readonly #columns: number;

  constructor(vocabulary: FeatureVocabulary, infos: Iterable<Parameters<FeatureVocabulary['encode']>[0]>) {
    const { columns, size } = vocabulary;
    const [offsets, features] = [[0], [] as number[]];
    for (const info of infos) {
      for (const feature of vocabulary.encode(info)) features.push(feature);
      offsets.push(features.length);
    }
    this.#offsets = Int32Array.from(offsets);
    this.#features = Int32Array.from(features);
    this.#columns = columns.length;
    this.#columnOf = new Int32Array(size);
    this.#isRare = new Uint8Array(size);
    for (const [at, { first, size: count, json }] of columns.entries()) {
      this.#columnOf.fill(at, first, first + count);
      if (json.kind !== 'numbers' && json.rare) this.#isRare[first + count - 1] = 1;
    }
  }

  /** [columns] sum of the support of items with a feature of the column. */
  covered(support: Int32Array): Float64Array {
    const sums = new Float64Array(this.#columns);
    for (const [item, clicks] of support.entries()) {
      const columns = new Set(Array.from(this.#of(item), (feature) => this.#columnOf[feature] ?? 0));
      for (const column of columns) sums[column] = (sums[column] ?? 0) + clicks;
    }
    return sums;
  }

  /** [columns] share of the pairs with a common feature. @param away - places from an item to the next one. */
  shared(pairs: readonly (readonly [number, number])[], away: number): Float64Array {
    const counts = new Float64Array(this.#columns);
    let compared = 0;
    for (const [at, [before]] of pairs.entries()) {
      const next = pairs[(at + away) % pairs.length]?.[1] ?? before;
      if (next === before) continue;
      compared++;
      const values = new Set(this.#of(before));
      const common = Array.from(this.#of(next)).filter((f) => values.has(f) && this.#isRare[f] === 0);
      for (const column of new Set(common.map((feature) => this.#columnOf[feature] ?? 0)))
        counts[column] = (counts[column] ?? 0) + 1;
    }
    return counts.map((count) => count / Math.max(1, compared));
  }

  #of(item: number): Int32Array {
    return this.#features.subarray(this.#offsets[item], this.#offsets[item + 1]);
  }
}

/** Shared this many times as often as by chance, a column says something about the next click. */
const LIFT = 1.5;
const LEAST_CLICKS = 0.1;
const MOST_NAMED = 12;

export function columnAdvice(columns: readonly ColumnFigures[] = []): string[] {
  if (columns.length === 0) return [];
  const covered = Math.max(...columns.map(({ clicks }) => clicks));
  if (covered < LEAST_CLICKS) {
    return [
      `Only ${(100 * covered).toFixed(1)} % of the clicks are on items with a value in the items file: compare its ids with those of the log`,
    ];
  }
  const lift = ({ shared, chance }: ColumnFigures) => shared / Math.max(chance, 1e-4);
  const useful = columns
    .filter((column) => column.features > 1 && column.clicks >= LEAST_CLICKS && lift(column) >= LIFT)
    // A name and its code say the same.
    .filter(({ shared, chance }, at, all) => {
      return all.findIndex((other) => other.shared === shared && other.chance === chance) === at;
    })
    .sort((a, b) => lift(b) - lift(a))
    .slice(0, MOST_NAMED);
  const vectors = columns
    .filter(({ kind }) => kind === 'vectors')
    .map(({ name }) => {
      const shown = JSON.stringify(printable(name));
      return `The column ${shown} of the items file has vectors: train with "itemVectors": [${shown}]`;
    });
  if (useful.length === 0) {
    return [
      ...vectors,
      'No column of the items file is shared by consecutive clicks much more often than by chance: item features will hardly help',
    ];
  }
  const names = useful.map(({ name }) => JSON.stringify(printable(name))).join(', ');
  return [
    ...vectors,
    `Consecutive clicks share ${useful.length === 1 ? 'a column' : `${useful.length} columns`} of the items file ${LIFT} times as often as by chance, or more: train with "itemFeatures": [${names}], without codes of what another column names`,
  ];
}

export interface ContextFigures {
  readonly name: string;
  readonly distinct: number;
  readonly clicks: number;
  readonly values: readonly { readonly value: string; readonly clicks: number }[];
}

const NAMED = 5;

export function describeContext(columns: readonly ContextColumn[], train: SessionArrays): ContextFigures[] {
  const { context = new Int32Array(0), items } = train;
  const width = columns.length;
  return columns.map(({ name, values }, column) => {
    const counts = new Float64Array(values.length);
    let clicks = 0;
    for (let at = column; at < context.length; at += width) {
      const value = context[at] ?? -1;
      if (value < 0) continue;
      counts[value] = (counts[value] ?? 0) + 1;
      clicks++;
    }
    const order = [...counts.keys()].sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b);
    const share = (count: number): number => count / Math.max(1, items.length);
    return {
      name,
      distinct: values.length,
      clicks: share(clicks),
      values: order
        .slice(0, NAMED)
        .map((value) => ({ value: values[value] ?? '', clicks: share(counts[value] ?? 0) })),
    };
  });
}

/** Columns that a line names with their kinds. */
const MOST_KINDS = 12;

/** What the columns of an items file are taken for: a line, then warnings. */
export async function describeItems(
  infos: AsyncIterable<ItemInfo | undefined> | Iterable<ItemInfo | undefined>,
  columns: ItemColumnNames = {},
): Promise<string[]> {
  const rules = new RuleColumns();
  let [items, soldOut] = [0, 0];
  for await (const info of infos) {
    if (info === undefined) continue;
    items++;
    if (!info.available) soldOut++;
    rules.add(info);
  }
  const names = new Set(['id', ...rules.names]);
  const shown = itemColumnKeys.map((key) =>
    names.has(key) ? `${key} = ${tick(columns[key] ?? key)}` : `no ${key}`,
  );
  const kinds = rules.names.map((name) => `${tick(name)} ${rules.kindOf(name)}`);
  const forRules = kinds.length === 0 ? '' : `; for rules: ${kinds.slice(0, MOST_KINDS).join(', ')}`;
  const line = `Items file of ${count(items, 'item')}, ${groupDigits(soldOut)} of them not available: ${shown.join(', ')}${forRules}`;
  return names.has('available')
    ? [line]
    : [
        line,
        'No column says which items are available, so those that are sold out are recommended: name it, "itemColumns": { "available": "NAME" } in gru4rec.json',
      ];
}
