import { hi, lo, shareNumber } from './share';

/** Bytes of an entry: item, offset of its column in a row of scores, address of its value, number of the next one. */
const ENTRY: usize = 16;

/** Cells of a map for a history of `count` places: a power of two that is at least twice as large. */
@inline
function cellsOf(count: i32): i32 {
  return 1 << (33 - clz(max(count, 1)));
}

/** Bytes of a share's map: a number per cell (0: none), then the entries, numbered from 1. */
export function addRepeatsShareBytes(slots: i32, k: i32): usize {
  return (<usize>cellsOf(slots * k) << 2) + ENTRY * (slots * k + 1);
}

export function sumRepeatsShareBytes(slots: i32, k: i32): usize {
  return addRepeatsShareBytes(slots, k);
}

/** The cell of an item, or the empty one in which it belongs. Open addressing, as in `mergeRows`. */
@inline
function cellOf(map: usize, cells: i32, item: i32): usize {
  let at = <i32>((<u32>item * 0x9e3779b1) >> <u32>(clz(cells) + 1));
  const entries = map + (<usize>cells << 2);
  let cell = map + (<usize>at << 2);
  while (load<i32>(cell) != 0 && load<i32>(entries + ENTRY * load<i32>(cell)) != item) {
    at = (at + 1) & (cells - 1);
    cell = map + (<usize>at << 2);
  }
  return cell;
}

/** Maps each item of a history [slots][k] to the chain of its places, in order. `values`: one address per place. */
function mapHistory(map: usize, cells: i32, history: usize, strideHistory: usize, values: usize, strideValues: usize, slots: i32, k: i32): void {
  const entries = map + (<usize>cells << 2);
  memory.fill(map, 0, <usize>cells << 2);
  let number = 0;
  for (let b = slots - 1; b >= 0; b--) {
    for (let j = k - 1; j >= 0; j--) {
      const item = load<i32>(history + strideHistory * b + (<usize>j << 2));
      if (item < 0) continue;
      const cell = cellOf(map, cells, item);
      const entry = entries + ENTRY * ++number;
      store<i32>(entry, item);
      store<i32>(entry, b << 2, 4);
      store<u32>(entry, <u32>(values + strideValues * b + (<usize>j << 2)), 8);
      store<i32>(entry, load<i32>(cell), 12);
      store<i32>(cell, number);
    }
  }
}

/**
 * out [n][slots] = x, plus values[b][j] where items[i] (i itself without items) is history[b][j]. Split by rows. `out`
 * may be x. −1 is no item.
 */
export function addRepeats(x: usize, out: usize, stride: usize, n: i32, values: usize, strideValues: usize, history: usize, strideHistory: usize, slots: i32, k: i32, items: usize, maps: usize): void {
  const from = lo(n);
  const to = hi(n);
  if (out != x && to > from) memory.copy(out + stride * from, x + stride * from, stride * (to - from));
  if (items == 0) {
    for (let b = 0; b < slots; b++) {
      for (let j = 0; j < k; j++) {
        const row = load<i32>(history + strideHistory * b + (<usize>j << 2));
        if (row < from || row >= to) continue;
        const at = out + stride * row + (<usize>b << 2);
        store<f32>(at, load<f32>(at) + load<f32>(values + strideValues * b + (<usize>j << 2)));
      }
    }
    return;
  }
  if (to <= from) return;
  const cells = cellsOf(slots * k);
  const map = maps + addRepeatsShareBytes(slots, k) * shareNumber();
  const entries = map + (<usize>cells << 2);
  mapHistory(map, cells, history, strideHistory, values, strideValues, slots, k);
  for (let i = from; i < to; i++) {
    const item = load<i32>(items + (<usize>i << 2));
    if (item < 0) continue;
    for (let number = load<i32>(cellOf(map, cells, item)); number != 0; ) {
      const entry = entries + ENTRY * number;
      const at = out + stride * i + load<u32>(entry, 4);
      store<f32>(at, load<f32>(at) + load<f32>(<usize>load<u32>(entry, 8)));
      number = load<i32>(entry, 12);
    }
  }
}

/** out[b][j] = the sum of x[i][b] over the rows whose item is history[b][j]. */
export function sumRepeats(x: usize, stride: usize, n: i32, out: usize, strideOut: usize, history: usize, strideHistory: usize, slots: i32, k: i32, items: usize, maps: usize): void {
  if (items == 0) {
    for (let b = 0; b < slots; b++) {
      for (let j = 0; j < k; j++) {
        const row = load<i32>(history + strideHistory * b + (<usize>j << 2));
        const found = row >= 0 && row < n;
        store<f32>(out + strideOut * b + (<usize>j << 2), found ? load<f32>(x + stride * row + (<usize>b << 2)) : 0);
      }
    }
    return;
  }
  const cells = cellsOf(slots * k);
  const entries = maps + (<usize>cells << 2);
  memory.fill(out, 0, strideOut * slots);
  mapHistory(maps, cells, history, strideHistory, out, strideOut, slots, k);
  for (let i = 0; i < n; i++) {
    const item = load<i32>(items + (<usize>i << 2));
    if (item < 0) continue;
    for (let number = load<i32>(cellOf(maps, cells, item)); number != 0; ) {
      const entry = entries + ENTRY * number;
      const at = <usize>load<u32>(entry, 8);
      store<f32>(at, load<f32>(at) + load<f32>(x + stride * i + load<u32>(entry, 4)));
      number = load<i32>(entry, 12);
    }
  }
}
