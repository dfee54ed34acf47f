import { didYouMean, show, showNames } from '@gru4rec/checks';
import { checkJson } from '@gru4rec/checks/json';
import { z } from 'zod';
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
interface VectorColumns {
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

/** Most values or words of a column that are features; the less frequent ones are folded together. */
const MOST_VALUES = 100_000;
const RANGES = 10;

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
  /** The most of an item in `learn`. */
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
   * Chooses the features; the README has the rules.
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
      name,
      kind: kind === 'words' ? kind : 'values',
      values,
      rare: values.length < counter.distinct,
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

const SEPARATOR = '|';

/** Without blanks at its ends; a list as its values joined by `|`. Empty for anything else. */
function cellOf({ fields }: ItemInfo, column: string): string {
  const value = fields[column];
  if (Array.isArray(value)) return value.map(textOf).join(SEPARATOR);
  return textOf(value);
}

function textOf(value: unknown): string {
  const isText = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isText ? String(value).trim() : '';
}

function valuesOf(cell: string): string[] {
  if (!cell.includes(SEPARATOR)) return cell === '' ? [] : [cell];
  const values = cell.split(SEPARATOR).map((value) => value.trim());
  return [...new Set(values)].filter((value) => value !== '');
}

/** In lower case: runs of letters, marks and digits of any script. */
function wordsOf(cell: string): string[] {
  return [...new Set(cell.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [])];
}

/** NaN for text that is no number. `007` is none: leading zeros are those of codes. */
function numberOf(cell: string): number {
  if (!/^[-+]?(0|[1-9]\d*)(\.\d*)?(e[-+]?\d+)?$/i.test(cell)) return Number.NaN;
  const value = Number(cell);
  return Number.isFinite(value) ? value : Number.NaN;
}

/** A feature per value, per range of numbers, or per word. */
export type FeatureKind = 'values' | 'numbers' | 'words';

/** What the cells of a column are taken for: features, or vectors, which are none. */
export type ColumnKind = FeatureKind | 'vectors';

/** What a column of an items file holds. */
export interface ItemColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Items with a value. */
  readonly items: number;
  /** Distinct values, not of vectors; too high above 262,144. */
  readonly distinct: number;
}

/** Values or words of fewer items are folded together. */
const FEW_ITEMS = 5;
/** Columns of numbers with at most this many distinct ones are codes or counts: each number is a value. */
const MOST_CODES = 20;

/** In the order in which they first occur. */
function surveyColumns(items: Iterable<ItemInfo | undefined>): Map<string, ColumnSurvey> {
  const columns = new Map<string, ColumnSurvey>();
  for (const info of items) {
    if (info === undefined) continue;
    for (const name of Object.keys(info.fields)) {
      const column = columns.get(name) ?? new ColumnSurvey(name);
      columns.set(name, column);
      if (isVector(info.fields[name])) column.addVector();
      else column.add(cellOf(info, name));
    }
  }
  return columns;
}

/** In the order in which the columns first occur, without those that have no value. */
export function kindsOfColumns(items: Iterable<ItemInfo | undefined>): ItemColumn[] {
  return [...surveyColumns(items).values()]
    .filter(({ items }) => items > 0)
    .map(({ name, kind, items, counter }) => ({ name, kind, items, distinct: counter.distinct }));
}

class ColumnSurvey implements Pick<ItemColumn, 'name' | 'kind' | 'items'> {
  readonly name: string;
  readonly counter: ValueCounter = new ValueCounter();
  items = 0;
  #values = 0;
  #severalWords = 0;
  #allNumbers = true;
  #vectors = 0;

  constructor(name: string) {
    this.name = name;
  }

  add(cell: string): void {
    const values = valuesOf(cell);
    if (values.length === 0) return;
    this.items++;
    this.#values += values.length;
    this.#allNumbers &&= !Number.isNaN(numberOf(cell));
    for (const value of values) {
      this.counter.add(value);
      if (/\s/.test(value)) this.#severalWords++;
    }
  }

  /** The numbers of a vector are no values. */
  addVector(): void {
    this.items++;
    this.#vectors++;
  }

  /** Text mostly has several words, and fewer than five items share a value. */
  get kind(): ColumnKind {
    const { distinct } = this.counter;
    if (this.#vectors > 0 && this.#vectors === this.items) return 'vectors';
    if (this.#allNumbers && distinct > MOST_CODES) return 'numbers';
    const isText = 2 * this.#severalWords >= this.#values && this.#values < FEW_ITEMS * distinct;
    return isText ? 'words' : 'values';
  }
}

/** Distinct values to count at once; a value of 20 letters takes about 100 bytes. */
const MOST_COUNTED = 1 << 18;

/** Counts values; beyond 262,144 distinct ones, the rarest so far are forgotten. */
export class ValueCounter {
  readonly #counts = new Map<string, number>();
  readonly #most: number;
  /** Values forgotten had at most this count. */
  #forgotten = 0;
  /** Distinct values; one that was forgotten and occurs again counts twice. */
  distinct = 0;

  constructor(most: number = MOST_COUNTED) {
    this.#most = most;
  }

  add(value: string): void {
    const count = this.#counts.get(value);
    if (count === undefined) {
      this.distinct++;
      if (this.#counts.size >= this.#most) this.#forget();
    }
    this.#counts.set(value, (count ?? 0) + 1);
  }

  /** Of at least `least` occurrences, frequent ones first, then by code units; at most `most`. */
  frequent(least: number, most: number): string[] {
    return [...this.#counts]
      .filter(([, count]) => count >= least)
      .sort(([a, inA], [b, inB]) => inB - inA || (a < b ? -1 : 1))
      .slice(0, most)
      .map(([value]) => value);
  }

  #forget(): void {
    while (this.#counts.size > this.#most / 2) {
      this.#forgotten++;
      for (const [value, count] of this.#counts) {
        if (count <= this.#forgotten) this.#counts.delete(value);
      }
    }
  }
}

/** A list of numbers that are not all whole: those of a vector, rather than codes or sizes. */
function isVector(value: unknown): value is readonly number[] {
  if (!Array.isArray(value) || value.length < 2) return false;
  return value.every((part) => typeof part === 'number') && !value.every(Number.isInteger);
}

/** With the width of the first item that has a vector. */
function vectorColumns(
  columns: readonly string[],
  items: Iterable<ItemInfo | undefined>,
): VectorColumns | undefined {
  if (columns.length === 0) return undefined;
  for (const info of items) {
    const { length } = info ? partsOf(info, columns) : [];
    if (length > 0) return { columns, width: length };
  }
  throw new Error(`No item has a vector in ${named(columns)}`);
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

/** Lists, or texts with blanks, commas or `|` between numbers, in brackets or not. */
function partsOf(info: ItemInfo, columns: readonly string[]): unknown[] {
  return columns.flatMap((name): unknown[] => {
    const value = info.fields[name] ?? '';
    if (Array.isArray(value)) return value;
    if (typeof value !== 'string') return [value];
    const text = value.replaceAll(/[[\]]/g, ' ').trim();
    return text === '' ? [] : text.split(/\s*[\s,|]\s*/);
  });
}

function named(columns: readonly string[]): string {
  const [first, ...others] = columns;
  return others.length === 0 ? show(first) : `${show(first)} and ${others.length} more columns`;
}
