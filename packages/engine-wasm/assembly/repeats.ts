import { hi, lo, rowsOfShare, shareNumber } from './share';

// What a share of `findRepeats` keeps: the number of the first place of each hash (0: none), then the places of the
// history from number 1 on, then how many rows it found, and from FOUND bytes on these rows, ascending.

/** Bytes of a place: its item, slot, number in the slot, and the number of the next one of its hash. */
const PLACE: usize = 16;
/** Bytes of a found row: its number, and the number of the first place of the hash of its item. */
const FOUND: usize = 8;

/** 32 − the bits of a hash. There are at least four hashes per place, so that few items share one. */
@inline
function shiftOf(count: i32): u32 {
  return clz((count << 2) - 1);
}
@inline
function cellBytes(count: i32): usize {
  return <usize>4 << (32 - shiftOf(count));
}
@inline
function placeBytes(count: i32): usize {
  return PLACE * (<usize>count + 1);
}

export function findRepeatsShareBytes(slots: i32, k: i32, n: i32): usize {
  const count = slots * k;
  return (cellBytes(count) + placeBytes(count) + FOUND * (<usize>n + 2) + 63) & ~63;
}

@inline
function cellOf(cells: usize, shift: u32, item: i32): usize {
  return cells + (<usize>((<u32>item * 0x9e3779b1) >> shift) << 2);
}

/** Lists the places of a history [slots][k], and chains those of a hash in order. */
function listPlaces(history: usize, strideHistory: usize, slots: i32, k: i32, cells: usize, places: usize): void {
  const shift = shiftOf(slots * k);
  memory.fill(cells, 0, cellBytes(slots * k));
  let number = 0;
  for (let b = slots - 1; b >= 0; b--) {
    for (let j = k - 1; j >= 0; j--) {
      const item = load<i32>(history + strideHistory * b + (<usize>j << 2));
      if (item < 0) continue;
      const cell = cellOf(cells, shift, item);
      const place = places + PLACE * ++number;
      store<i32>(place, item);
      store<i32>(place, b, 4);
      store<i32>(place, j, 8);
      store<i32>(place, load<i32>(cell), 12);
      store<i32>(cell, number);
    }
  }
}

/**
 * Finds the rows whose item is in a history [slots][k], for `addRepeats` and `sumRepeats`. Split by rows. −1 is no item.
 *
 * A row whose item only shares its hash with several places is also found. Nothing branches on a row, because a wrong
 * guess takes longer than all else that is done for it.
 */
export function findRepeats(history: usize, strideHistory: usize, slots: i32, k: i32, items: usize, n: i32, found: usize): void {
  const from = lo(n);
  const last = hi(n);
  if (last <= from) return;
  const cells = found + findRepeatsShareBytes(slots, k, n) * shareNumber();
  const places = cells + cellBytes(slots * k);
  const list = places + placeBytes(slots * k);
  const shift = shiftOf(slots * k);
  listPlaces(history, strideHistory, slots, k, cells, places);
  let to = list + FOUND;
  for (let i = from; i < last; i++) {
    const number = load<i32>(cellOf(cells, shift, load<i32>(items + (<usize>i << 2))));
    store<i32>(to, i);
    store<i32>(to, number, 4);
    to += number != 0 ? FOUND : 0;
  }
  const end = to;
  to = list + FOUND;
  for (let at = to; at < end; at += FOUND) {
    const row = load<i32>(at);
    const number = load<i32>(at, 4);
    const place = places + PLACE * number;
    store<i32>(to, row);
    store<i32>(to, number, 4);
    const same = load<i32>(place) == load<i32>(items + (<usize>row << 2));
    to += same || load<i32>(place, 12) != 0 ? FOUND : 0;
  }
  store<i32>(list, <i32>((to - list) / FOUND) - 1);
}

/**
 * out [n][slots] = x, plus values[b][j] where items[i] (i itself without items) is history[b][j]. Split by rows. `out`
 * may be x. With items, `found` are the shares of `findRepeats`.
 */
export function addRepeats(x: usize, out: usize, stride: usize, n: i32, values: usize, strideValues: usize, history: usize, strideHistory: usize, slots: i32, k: i32, items: usize, found: usize): void {
  const from = lo(n);
  const to = hi(n);
  if (to <= from) return;
  if (out != x) memory.copy(out + stride * from, x + stride * from, stride * (to - from));
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
  const places = found + findRepeatsShareBytes(slots, k, n) * shareNumber() + cellBytes(slots * k);
  const list = places + placeBytes(slots * k);
  const end = list + FOUND * (load<i32>(list) + 1);
  for (let each = list + FOUND; each < end; each += FOUND) {
    const row = load<i32>(each);
    const item = load<i32>(items + (<usize>row << 2));
    for (let number = load<i32>(each, 4); number != 0; ) {
      const place = places + PLACE * number;
      number = load<i32>(place, 12);
      if (load<i32>(place) != item) continue;
      const b = load<u32>(place, 4);
      const at = out + stride * row + (<usize>b << 2);
      store<f32>(at, load<f32>(at) + load<f32>(values + strideValues * b + (<usize>load<u32>(place, 8) << 2)));
    }
  }
}

/**
 * out[b][j] = the sum of x[i][b] over the rows whose item is history[b][j]. With items, `found` has the `shares` of
 * `findRepeats`.
 */
export function sumRepeats(x: usize, stride: usize, n: i32, out: usize, strideOut: usize, history: usize, strideHistory: usize, slots: i32, k: i32, items: usize, found: usize, shares: i32): void {
  if (items == 0) {
    for (let b = 0; b < slots; b++) {
      for (let j = 0; j < k; j++) {
        const row = load<i32>(history + strideHistory * b + (<usize>j << 2));
        const has = row >= 0 && row < n;
        store<f32>(out + strideOut * b + (<usize>j << 2), has ? load<f32>(x + stride * row + (<usize>b << 2)) : 0);
      }
    }
    return;
  }
  memory.fill(out, 0, strideOut * slots);
  // All shares have the same places. Those of the first one are near.
  const places = found + cellBytes(slots * k);
  for (let share = 0; share < shares; share++) {
    if (rowsOfShare(n, share, shares) == 0) continue;
    const list = places + placeBytes(slots * k) + findRepeatsShareBytes(slots, k, n) * share;
    sumFound(x, stride, out, strideOut, items, places, list);
  }
}

function sumFound(x: usize, stride: usize, out: usize, strideOut: usize, items: usize, places: usize, list: usize): void {
  const end = list + FOUND * (load<i32>(list) + 1);
  for (let each = list + FOUND; each < end; each += FOUND) {
    const row = load<i32>(each);
    const item = load<i32>(items + (<usize>row << 2));
    for (let number = load<i32>(each, 4); number != 0; ) {
      const place = places + PLACE * number;
      number = load<i32>(place, 12);
      if (load<i32>(place) != item) continue;
      const b = load<u32>(place, 4);
      const at = out + strideOut * b + (<usize>load<u32>(place, 8) << 2);
      store<f32>(at, load<f32>(at) + load<f32>(x + stride * row + (<usize>b << 2)));
    }
  }
}
