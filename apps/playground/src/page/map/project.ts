import { RandomStream } from '@gru4rec/random';
import { UMAP } from 'umap-js';
import { type ItemRows, rowOf } from '../explain/nearest-items.ts';

const NEIGHBOURS = 12;
const EPOCHS = 200;

/**
 * Projects items' rows to the plane with UMAP (McInnes, Healy, Melville 2018, arXiv:1802.03426), by cosine. The same rows and
 * seed give the same map.
 *
 * @returns [2 · rows] x and y of each row, in [0, 1] (fresh).
 * @throws RangeError if there are fewer than 3 items.
 */
export function projectItems(table: ItemRows, seed = 1): Float32Array {
  if (table.rows < 3) throw new RangeError(`projectItems: expected 3 items or more, got ${table.rows}.`);
  const stream = new RandomStream(seed, 'playground.map');
  const umap = new UMAP({
    nComponents: 2,
    nNeighbors: Math.min(NEIGHBOURS, table.rows - 1),
    nEpochs: EPOCHS,
    minDist: 0.15,
    random: () => stream.nextFloat(),
  });
  return intoUnitSquare(umap.fit(Array.from({ length: table.rows }, (_, item) => unitRow(table, item))));
}

/** Rows of length 1, whose Euclidean distances order like their cosines. */
function unitRow(table: ItemRows, item: number): number[] {
  const row = Array.from(rowOf(table, item));
  const length = Math.hypot(...row) || 1;
  return row.map((value) => value / length);
}

/** Moves points to the unit square; one scale for both axes, so that distances keep their meaning. */
function intoUnitSquare(points: readonly (readonly number[])[]): Float32Array {
  const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis] ?? 0)) as [number[], number[]];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const size = Math.max(right - left, bottom - top) || 1;
  const [padX, padY] = [(size - (right - left)) / 2, (size - (bottom - top)) / 2];
  return Float32Array.from(
    points.flatMap(([x = 0, y = 0]) => [(x - left + padX) / size, (y - top + padY) / size]),
  );
}
