import { topItems } from '@gru4rec/metrics';
import { RandomStream } from '@gru4rec/random';
import { UMAP } from 'umap-js';
import { dot, type ItemRows, rowOf } from './explain.ts';

const NEIGHBOURS = 12;
const EPOCHS = 200;
/** Rows that UMAP lays out, which takes 4 s; 10,000 take 16 s. */
const MOST_LAID_OUT = 3000;
/** The first of these rows, which place the others: 17,000 in 5 s. */
const ANCHORS = 1000;
/** Nearest anchors that place a row. */
const NEAREST = 4;

/**
 * UMAP (McInnes, Healy, Melville 2018, arXiv:1802.03426) by cosine: [2 · rows] x and y in [0, 1]. Rows after the first
 * `mostLaidOut` are placed between the nearest of the first thousand. @throws RangeError if there are fewer than 3 items.
 */
export function projectItems(table: ItemRows, seed = 1, mostLaidOut = MOST_LAID_OUT): Float32Array {
  if (table.rows < 3) throw new RangeError(`projectItems: expected 3 items or more, got ${table.rows}.`);
  const stream = new RandomStream(seed, 'playground.map');
  const umap = new UMAP({
    nComponents: 2,
    nNeighbors: Math.min(NEIGHBOURS, table.rows - 1, mostLaidOut - 1),
    nEpochs: EPOCHS,
    minDist: 0.15,
    random: () => stream.nextFloat(),
  });
  const rows = Array.from({ length: table.rows }, (_, item) => unitRow(table, item));
  const laidOut = umap.fit(rows.slice(0, mostLaidOut).map((row) => Array.from(row)));
  const anchors = rows.slice(0, Math.min(ANCHORS, mostLaidOut));
  const others = rows.slice(mostLaidOut).map((row) => between(row, anchors, laidOut));
  return intoUnitSquare([...laidOut, ...others]);
}

function unitRow(table: ItemRows, item: number): Float32Array {
  const row = rowOf(table, item);
  const length = Math.hypot(...row) || 1;
  return Float32Array.from(row, (value) => value / length);
}

/** The mean position of the anchors that are nearest to a row, the nearer ones with more weight. */
function between(
  row: Float32Array,
  anchors: readonly Float32Array[],
  positions: readonly (readonly number[])[],
): number[] {
  const cosines = Float64Array.from(anchors, (anchor) => dot(row, anchor));
  const nearest = Array.from(topItems(cosines, NEAREST));
  const weights = nearest.map((anchor) => Math.max(cosines[anchor] ?? 0, 1e-3) ** 4);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return [0, 1].map((axis) =>
    nearest.reduce(
      (sum, anchor, at) => sum + ((weights[at] ?? 0) / all) * (positions[anchor]?.[axis] ?? 0),
      0,
    ),
  );
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
