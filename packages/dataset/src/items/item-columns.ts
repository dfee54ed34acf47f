import { show } from '@gru4rec/checks';
import { z } from 'zod';
import type { ItemInfo } from './item-info.ts';

const SEPARATOR = '|';

/** Without blanks at its ends; a list as its values joined by `|`. Empty for anything else. */
export function cellOf({ fields }: ItemInfo, column: string): string {
  const value = fields[column];
  if (Array.isArray(value)) return value.map(textOf).join(SEPARATOR);
  return textOf(value);
}

function textOf(value: unknown): string {
  const isText = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isText ? String(value).trim() : '';
}

export function valuesOf(cell: string): string[] {
  if (!cell.includes(SEPARATOR)) return cell === '' ? [] : [cell];
  const values = cell.split(SEPARATOR).map((value) => value.trim());
  return [...new Set(values)].filter((value) => value !== '');
}

/** In lower case: runs of letters, marks and digits of any script. */
export function wordsOf(cell: string): string[] {
  return [...new Set(cell.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [])];
}

/** NaN for text that is no number. `007` is none: leading zeros are those of codes. */
export function numberOf(cell: string): number {
  if (!/^[-+]?(0|[1-9]\d*)(\.\d*)?(e[-+]?\d+)?$/i.test(cell)) return Number.NaN;
  const value = Number(cell);
  return Number.isFinite(value) ? value : Number.NaN;
}

/** How the cells of a column become features: one per value, one per range of numbers, or one per word. */
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

/** In the order in which they first occur. */
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

  /** The numbers of a vector are no values. */
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

/** Distinct values to count at once; a value of 20 letters takes about 100 bytes. */
const MOST_COUNTED = 1 << 18;

/** Of more than 262,144 distinct values, the rarest so far are forgotten, and counts of rare ones are too low. */
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

/** Their numbers, one column after the other, are the vector of an item. */
export interface VectorColumns {
  readonly columns: readonly string[];
  /** D, the numbers of a vector. */
  readonly width: number;
}

export const vectorsSchema: z.ZodType<VectorColumns> = z.strictObject({
  columns: z.array(z.string().min(1)).min(1),
  width: z.int().positive(),
});

/** A list of numbers that are not all whole: those of a vector, rather than codes or sizes. */
function isVector(value: unknown): value is readonly number[] {
  if (!Array.isArray(value) || value.length < 2) return false;
  return value.every((part) => typeof part === 'number') && !value.every(Number.isInteger);
}

/** With the width of the first item that has a vector. */
export function vectorColumns(
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
export function vectorOf(info: ItemInfo, { columns, width }: VectorColumns): Float32Array {
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

export function hasVector(info: ItemInfo, { columns }: VectorColumns): boolean {
  return partsOf(info, columns).length > 0;
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
