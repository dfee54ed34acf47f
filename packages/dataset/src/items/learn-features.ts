import { didYouMean, show, showNames } from '@gru4rec/checks';
import {
  type ColumnJson,
  type FeatureKind,
  FeatureVocabulary,
  named,
  type VectorColumns,
} from './feature-vocabulary.ts';
import { cellOf, isVector, numberOf, partsOf, valuesOf, wordsOf } from './item-cells.ts';
import type { ItemInfo } from './items-file.ts';

/** Most values or words of a column that are features; the less frequent ones are folded together. */
const MOST_VALUES = 100_000;
const RANGES = 10;

/**
 * Chooses the features; the README has the rules.
 * @param items - called up to four times; returns the items to learn from, undefined for one without a row.
 * @param vectors - names of the columns whose numbers are the vector of an item.
 * @throws Error naming a column in which no item has a value, or that has vectors, or is given twice.
 */
export function learnFeatures(
  columns: readonly string[],
  items: () => Iterable<ItemInfo | undefined>,
  vectors: readonly string[] = [],
): FeatureVocabulary {
  const ofVectors = vectorColumns(vectors, items());
  if (columns.length === 0) return new FeatureVocabulary([], 0, ofVectors);
  const surveys = surveyColumns(items());
  const chosen = columns.map((name, at) => {
    const survey = surveys.get(name);
    if (columns.indexOf(name) < at) throw new Error(`The column ${show(name)} is given twice`);
    if (survey === undefined || survey.items === 0) throw withoutValues(name, [...surveys.values()]);
    if (survey.kind === 'vectors') {
      throw new Error(`The column ${show(name)} has vectors: name it in itemVectors, not in itemFeatures`);
    }
    return survey;
  });
  const json = columnsOf(chosen, items);
  const all = new FeatureVocabulary(json, Number.POSITIVE_INFINITY);
  let most = 0;
  for (const info of items()) most = Math.max(most, all.encode(info).length);
  return new FeatureVocabulary(json, most, ofVectors);
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

/** Cuts numbers into ranges of about as many items each; none is empty. */
function cutsOf(numbers: readonly number[]): number[] {
  const sorted = Float64Array.from(numbers).sort();
  const cuts = Array.from(
    { length: RANGES - 1 },
    (_, at) => sorted[Math.floor(((at + 1) * sorted.length) / RANGES)] as number,
  );
  return [...new Set(cuts)].filter((cut) => cut > (sorted[0] as number));
}

/** What the cells of a column are taken for: features, or vectors, which are none. */
export type ColumnKind = FeatureKind | 'vectors';

/** What a column of an items file holds. */
export interface ItemColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly items: number;
  readonly distinct: number;
}

/** Values or words of fewer items are folded together. */
const FEW_ITEMS = 5;
/** Columns of numbers with at most this many distinct ones are codes or counts: each number is a value. */
const MOST_CODES = 20;

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

  /** Values with at least `least` occurrences, frequent ones first, then by code units; at most `most`. */
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
