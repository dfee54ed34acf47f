import { show } from '@gru4rec/checked-options';
import { z } from 'zod';
import type { ItemInfo } from './item-info.ts';

/** The columns of an items file whose numbers, one column after the other, are the vector of an item. */
export interface VectorColumns {
  readonly columns: readonly string[];
  /** D, the numbers of a vector. */
  readonly width: number;
}

export const vectorsSchema: z.ZodType<VectorColumns> = z.strictObject({
  columns: z.array(z.string().min(1)).min(1),
  width: z.int().positive(),
});

/** Whether a value is a list of numbers that are not all whole: those of a vector, rather than codes or sizes. */
export function isVector(value: unknown): value is readonly number[] {
  if (!Array.isArray(value) || value.length < 2) return false;
  return value.every((part) => typeof part === 'number') && !value.every(Number.isInteger);
}

/**
 * Finds the width of vectors: that of the first item that has one.
 * @throws Error if no item has one.
 */
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

/**
 * The vector of an item, divided by its length.
 *
 * @returns [D] (fresh); zeros for an item without one.
 * @throws Error unless the item has D numbers that are finite, or none.
 */
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

/** Whether anything is written of a vector. */
export function hasVector(info: ItemInfo, { columns }: VectorColumns): boolean {
  return partsOf(info, columns).length > 0;
}

/** What is written of a vector: lists, or texts with blanks, commas or `|` between numbers, in brackets or not. */
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
