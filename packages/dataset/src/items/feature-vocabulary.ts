import { didYouMean, show, showNames } from '@gru4rec/checks';
import { checkJson } from '@gru4rec/checks/json';
import { z } from 'zod';
import {
  type ColumnSurvey,
  cellOf,
  FEW_ITEMS,
  type FeatureKind,
  hasVector,
  numberOf,
  surveyColumns,
  ValueCounter,
  type VectorColumns,
  valuesOf,
  vectorColumns,
  vectorOf,
  vectorsSchema,
  wordsOf,
} from './item-columns.ts';
import type { ItemInfo } from './item-info.ts';

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

/** Most values or words of a column that are features; the less frequent ones are folded together. */
const MOST_VALUES = 100_000;
const RANGES = 10;

/** A value of an item that the vocabulary does not number. */
export interface UnknownValue {
  readonly column: string;
  readonly value: string;
}

/** Which values of which columns of an items file are features, and their numbers, 0 to F − 1; and which columns are vectors. */
export class FeatureVocabulary {
  /** In the order in which their features are numbered. */
  readonly columns: readonly FeatureColumn[];
  /** F, the number of features. */
  readonly size: number;
  /** Most features of an item that `encode` returns: those of the item that had most of them in `learn`. */
  readonly mostPerItem: number;
  /** Where the vectors of items are; undefined if they have none. */
  readonly vectors: VectorColumns | undefined;

  private constructor(columns: readonly ColumnJson[], mostPerItem: number, vectors?: VectorColumns) {
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

  /**
   * Chooses the features; the README has the rules. Memory holds the distinct values of the columns, not the
   * items.
   * @param columns - names of columns, each once.
   * @param items - called up to four times; returns the items to learn from, undefined for one without a row.
   * @param vectors - names of the columns whose numbers are the vector of an item.
   * @throws Error naming a column in which no item has a value, or that has vectors, or is given twice.
   */
  static learn(
    columns: readonly string[],
    items: () => Iterable<ItemInfo | undefined>,
    vectors: readonly string[] = [],
  ): FeatureVocabulary {
    const ofVectors = vectorColumns(vectors, items());
    if (columns.length === 0) return new FeatureVocabulary([], 0, ofVectors);
    const surveys = surveyColumns(items());
    const found = columns.map((name, at) => {
      const survey = surveys.get(name);
      if (columns.indexOf(name) < at) throw new Error(`The column ${show(name)} is given twice`);
      if (survey === undefined || survey.items === 0) throw withoutValues(name, [...surveys.values()]);
      if (survey.kind === 'vectors') {
        throw new Error(`The column ${show(name)} has vectors: name it in itemVectors, not in itemFeatures`);
      }
      return survey;
    });
    const json = columnsOf(found, items);
    const all = new FeatureVocabulary(json, Number.POSITIVE_INFINITY);
    let most = 0;
    for (const info of items()) most = Math.max(most, all.encode(info).length);
    return new FeatureVocabulary(json, most, ofVectors);
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
    return this.vectors !== undefined && hasVector(info, this.vectors);
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

function withoutValues(name: string, surveys: readonly ColumnSurvey[]): Error {
  const known = surveys.filter(({ items }) => items > 0).map((survey) => survey.name);
  const names = known.length === 0 ? 'There are none' : `Columns with values are ${showNames(known)}`;
  return new Error(`No item has a value in the column ${show(name)}. ${didYouMean([name], known)}${names}`);
}

/** Reads the items once more for the words and numbers, which the survey does not keep. */
function columnsOf(
  surveys: readonly ColumnSurvey[],
  items: () => Iterable<ItemInfo | undefined>,
): ColumnJson[] {
  const words = surveys.map(({ kind, counter }) => (kind === 'values' ? counter : new ValueCounter()));
  const numbers = surveys.map((): number[] => []);
  for (const info of items()) {
    if (info === undefined) continue;
    for (const [at, { name, kind }] of surveys.entries()) {
      if (kind === 'values') continue;
      const cell = cellOf(info, name);
      if (kind === 'words') for (const word of wordsOf(cell)) words[at]?.add(word);
      else if (cell !== '') numbers[at]?.push(numberOf(cell));
    }
  }
  return surveys.map(({ name, kind }, at): ColumnJson => {
    if (kind === 'numbers') return { name, kind, cuts: cutsOf(numbers[at] ?? []) };
    const counter = words[at] ?? new ValueCounter();
    const values = counter.frequent(FEW_ITEMS, MOST_VALUES);
    return {
      ...{ name, kind: kind === 'words' ? kind : 'values' },
      ...{ values, rare: values.length < counter.distinct },
    };
  });
}

/** Of about as many items each; none is empty. */
function cutsOf(numbers: readonly number[]): number[] {
  const sorted = Float64Array.from(numbers).sort();
  const cuts = Array.from(
    { length: RANGES - 1 },
    (_, at) => sorted[Math.floor(((at + 1) * sorted.length) / RANGES)] as number,
  );
  return [...new Set(cuts)].filter((cut) => cut > (sorted[0] as number));
}
