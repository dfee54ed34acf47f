import { show } from '@gru4rec/checks';
import { checkJson } from '@gru4rec/checks/json';
import { z } from 'zod';
import { cellOf, numberOf, partsOf, valuesOf, wordsOf } from './item-cells.ts';
import type { ItemInfo } from './items-file.ts';

interface NamedFeatures {
  readonly name: string;
  readonly kind: 'values' | 'words';
  readonly values: readonly string[];
  /** Whether there is one more feature, for all other values. */
  readonly rare: boolean;
}

interface NumberRanges {
  readonly name: string;
  readonly kind: 'numbers';
  /** Ascending; a cut is the first number of a range. */
  readonly cuts: readonly number[];
}

export type ColumnJson = NamedFeatures | NumberRanges;

/** A feature per value, per range of numbers, or per word. */
export type FeatureKind = ColumnJson['kind'];

const columnSchema: z.ZodType<ColumnJson> = z.discriminatedUnion('kind', [
  z.strictObject({
    name: z.string().min(1),
    kind: z.enum(['values', 'words']),
    values: z.array(z.string().min(1)),
    rare: z.boolean(),
  }),
  z.strictObject({ name: z.string().min(1), kind: z.literal('numbers'), cuts: z.array(z.number()) }),
]);

/** Most features of an item in one column: a description has hundreds of words. */
const MOST_PER_COLUMN = 32;

/** The features of one column: `first` to `first + size − 1`. */
export class FeatureColumn {
  readonly first: number;
  readonly size: number;
  readonly json: ColumnJson;
  readonly #indexOf: ReadonlyMap<string, number>;
  /** What values without a feature of their own are; −1 if they are left out. */
  readonly #other: number;

  constructor(json: ColumnJson, first: number) {
    this.json = json;
    this.first = first;
    const values = json.kind === 'numbers' ? [] : json.values;
    this.#indexOf = new Map(values.map((value, at) => [value, first + at]));
    this.#other = json.kind !== 'numbers' && json.rare ? first + values.length : -1;
    this.size = json.kind === 'numbers' ? json.cuts.length + 1 : values.length + (json.rare ? 1 : 0);
  }

  /** The column of the items file. */
  get name(): string {
    return this.json.name;
  }

  /** What its cells are taken for. */
  get kind(): FeatureKind {
    return this.json.kind;
  }

  /** The distinct features of a cell, ascending: frequent values first. */
  encode(cell: string): number[] {
    const { json } = this;
    if (json.kind === 'numbers') {
      const value = numberOf(cell);
      if (Number.isNaN(value)) return [];
      const above = json.cuts.findIndex((cut) => value < cut);
      return [this.first + (above < 0 ? json.cuts.length : above)];
    }
    const features = new Set(this.#partsOf(cell).map((part) => this.#indexOf.get(part) ?? this.#other));
    features.delete(-1);
    return [...features].sort((a, b) => a - b).slice(0, MOST_PER_COLUMN);
  }

  /** Values or words without a feature of their own; of numbers, a cell that is none. */
  unknown(cell: string): string[] {
    if (this.json.kind !== 'numbers') return this.#partsOf(cell).filter((part) => !this.#indexOf.has(part));
    return cell === '' || this.encode(cell).length > 0 ? [] : [cell];
  }

  /** Such as `brand=Nike`, `brand=(rare)`, `3≤price<12.5`. */
  nameOf(feature: number): string {
    const { json } = this;
    const at = feature - this.first;
    if (json.kind !== 'numbers') return `${json.name}=${json.values[at] ?? '(rare)'}`;
    const [from, to] = [json.cuts[at - 1], json.cuts[at]];
    if (from === undefined) return to === undefined ? json.name : `${json.name}<${to}`;
    return to === undefined ? `${json.name}≥${from}` : `${from}≤${json.name}<${to}`;
  }

  #partsOf(cell: string): string[] {
    return this.json.kind === 'words' ? wordsOf(cell) : valuesOf(cell);
  }
}

/** Their numbers, one column after the other, are the vector of an item. */
export interface VectorColumns {
  readonly columns: readonly string[];
  /** D, the numbers of a vector. */
  readonly width: number;
}

const vectorsSchema: z.ZodType<VectorColumns> = z.strictObject({
  columns: z.array(z.string().min(1)).min(1),
  width: z.int().positive(),
});

interface VocabularyJson {
  readonly columns: readonly ColumnJson[];
  readonly mostPerItem: number;
  readonly vectors?: VectorColumns;
}

const schema: z.ZodType<VocabularyJson> = z.strictObject({
  columns: z.array(columnSchema),
  mostPerItem: z.int().nonnegative(),
  vectors: vectorsSchema.exactOptional(),
});

/** A value of an item that the vocabulary does not number. */
export interface UnknownValue {
  readonly column: string;
  readonly value: string;
}

/** Which values of an items file are features, their numbers, 0 to F − 1, and which columns are vectors. */
export class FeatureVocabulary {
  /** In the order in which their features are numbered. */
  readonly columns: readonly FeatureColumn[];
  /** F, the number of features. */
  readonly size: number;
  /** The most features of an item that they were learnt from. */
  readonly mostPerItem: number;
  /** Where the vectors of items are; undefined if they have none. */
  readonly vectors: VectorColumns | undefined;

  constructor(columns: readonly ColumnJson[], mostPerItem: number, vectors?: VectorColumns) {
    let size = 0;
    this.columns = columns.map((json) => {
      const column = new FeatureColumn(json, size);
      size += column.size;
      return column;
    });
    this.size = size;
    this.mostPerItem = mostPerItem;
    this.vectors = vectors;
  }

  /** @param value - from `toJSON`. @throws Error with one line that says what is wrong. */
  static fromJSON(value: unknown): FeatureVocabulary {
    const { columns, mostPerItem, vectors } = checkJson(
      schema,
      value,
      ({ path, expected, got }) =>
        new Error(`The item features' ${show(path)} expected ${expected}, got ${got}`),
    );
    return new FeatureVocabulary(columns, mostPerItem, vectors);
  }

  /** The distinct features of an item, ascending; none without a row. Of more than `mostPerItem`, the last are left out. */
  encode(info: ItemInfo | undefined): number[] {
    if (info === undefined) return [];
    const features = this.columns.flatMap((column) => column.encode(cellOf(info, column.name)));
    return features.slice(0, this.mostPerItem);
  }

  /**
   * Divided by its length. @returns [D] (fresh), where D is `vectors.width`, or 0; zeros for an item without a
   * vector.
   * @throws Error naming the item unless it has D finite numbers, or none.
   */
  vector(itemId: string, info: ItemInfo): Float32Array {
    try {
      return this.vectors ? vectorOf(info, this.vectors) : new Float32Array();
    } catch (cause) {
      throw new Error(`The item ${show(itemId)}: ${(cause as Error).message}`, { cause });
    }
  }

  /** Whether an item has a vector. */
  hasVector(info: ItemInfo): boolean {
    return partsOf(info, this.vectors?.columns ?? []).length > 0;
  }

  /** All columns that are read. */
  get columnNames(): string[] {
    return [...this.columns.map(({ name }) => name), ...(this.vectors?.columns ?? [])];
  }

  /** The values of an item without a feature of their own: `encode` takes them as rare if the column has rare values. */
  unknown(info: ItemInfo): UnknownValue[] {
    return this.columns.flatMap((column) =>
      column.unknown(cellOf(info, column.name)).map((value) => ({ column: column.name, value })),
    );
  }

  /** A feature for people, such as `brand=Nike`, `brand=(rare)`, `3≤price<12.5`. @throws RangeError unless 0 ≤ feature < F. */
  name(feature: number): string {
    const column = this.columns.find(({ first, size }) => feature >= first && feature < first + size);
    if (column === undefined) {
      throw new RangeError(`name: "feature" expected 0 to ${this.size - 1}, got ${feature}`);
    }
    return column.nameOf(feature);
  }

  /** For `fromJSON`. */
  toJSON(): VocabularyJson {
    const { columns, mostPerItem, vectors } = this;
    return { columns: columns.map(({ json }) => json), mostPerItem, ...(vectors && { vectors }) };
  }
}

/** [D] (fresh), divided by its length; zeros for an item without a vector. */
function vectorOf(info: ItemInfo, { columns, width }: VectorColumns): Float32Array {
  const vector = new Float32Array(width);
  const parts = partsOf(info, columns);
  if (parts.length === 0) return vector;
  const numbers = parts.map((part) => (typeof part === 'string' && part !== '' ? Number(part) : part));
  const wrong = numbers.findIndex((number) => typeof number !== 'number' || !Number.isFinite(number ** 2));
  if (wrong >= 0) throw new Error(`${named(columns)} expected numbers, got ${show(parts[wrong])}`);
  if (numbers.length !== width) {
    throw new Error(`${named(columns)} expected ${width} numbers as of other items, got ${numbers.length}`);
  }
  const length = Math.sqrt(numbers.reduce((sum: number, number) => sum + Number(number) ** 2, 0));
  if (length > 0) for (const [at, number] of numbers.entries()) vector[at] = Number(number) / length;
  return vector;
}

export function named(columns: readonly string[]): string {
  const [first, ...others] = columns;
  return others.length === 0 ? show(first) : `${show(first)} and ${others.length} more columns`;
}
