import { topItems } from '@gru4rec/metrics';

/** A table with one row per item, row-major. */
export interface ItemRows {
  readonly rows: number;
  readonly cols: number;
  readonly values: Float32Array;
}

/** An item and the cosine of the angle between its row and another's, in [−1, 1]. */
export interface NearItem {
  readonly item: number;
  readonly cosine: number;
}

/** The k items nearest to an item by cosine, nearest first, without itself. Rows of zeros are near to nothing. */
export function nearestItems(table: ItemRows, item: number, k: number): NearItem[] {
  const own = rowOf(table, item);
  const length = Math.sqrt(dot(own, own));
  const cosines = Float64Array.from({ length: table.rows }, (_, other) => {
    const row = rowOf(table, other);
    const lengths = length * Math.sqrt(dot(row, row));
    return lengths > 0 ? dot(own, row) / lengths : 0;
  });
  const nearest = topItems(cosines, k, new Set([item]));
  return Array.from(nearest, (other) => ({ item: other, cosine: cosines[other] ?? 0 }));
}

/** An item's row (a view). */
export function rowOf({ cols, values }: ItemRows, item: number): Float32Array {
  return values.subarray(item * cols, (item + 1) * cols);
}

/** The inner product of two rows. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
