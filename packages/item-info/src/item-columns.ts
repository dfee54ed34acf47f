import type { ItemInfo } from './item-info.ts';
import { cellOf, numberOf, valuesOf } from './item-values.ts';
import { isVector } from './item-vectors.ts';
import { ValueCounter } from './value-counter.ts';

/**
 * How the cells of a column become features: one per value, one per range of numbers, or one per word.
 */
export type FeatureKind = 'values' | 'numbers' | 'words';

/** What the cells of a column are taken for: features, or vectors, which are none. */
export type ColumnKind = FeatureKind | 'vectors';

/** What a column of an items file holds. */
export interface ItemColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Items with a value. */
  readonly items: number;
  /** Distinct values, not of vectors; too high above 262,144, because memory is bounded. */
  readonly distinct: number;
}

/** Values or words of fewer items are folded together. */
export const FEW_ITEMS = 5;
/** Columns of numbers with at most this many distinct ones are codes or counts: each number is a value. */
const MOST_CODES = 20;

/** Columns of items in the order in which they first occur, with the counts of their values. */
export function surveyColumns(items: Iterable<ItemInfo | undefined>): Map<string, ColumnSurvey> {
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

/** The columns of an items file in the order in which they first occur, except those without any value. */
export function itemColumns(items: Iterable<ItemInfo | undefined>): ItemColumn[] {
  return [...surveyColumns(items).values()]
    .filter(({ items }) => items > 0)
    .map(({ name, kind, items, counter }) => ({ name, kind, items, distinct: counter.distinct }));
}

/** Counts of one column's values, from which its kind follows. */
export class ColumnSurvey implements Pick<ItemColumn, 'name' | 'kind' | 'items'> {
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

  /** Counts an item with a vector, whose numbers are no values. */
  addVector(): void {
    this.items++;
    this.#vectors++;
  }

  /** Text is what mostly has several words and hardly repeats: on average, fewer than five items share a value. */
  get kind(): ColumnKind {
    const { distinct } = this.counter;
    if (this.#vectors > 0 && this.#vectors === this.items) return 'vectors';
    if (this.#allNumbers && distinct > MOST_CODES) return 'numbers';
    const isText = 2 * this.#severalWords >= this.#values && this.#values < FEW_ITEMS * distinct;
    return isText ? 'words' : 'values';
  }
}
