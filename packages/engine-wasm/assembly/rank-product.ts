import { INIT_SPLAT } from './generated/choices';
import { nn } from './products';
import { BETTER, BLOCK, COUNT_ROWS, countBlock, EQUAL, firstNaN, NAN, widthOf, writeCounts } from './rank-counts';
import { addRepeatsToBlock, addRepeatsToTargets, chainRepeats, rankRepeatsBytes } from './rank-repeats';
import { hi, lo, shareNumber } from './share';
import { fillUp, listBlock, listBytes, listOf, startLists, topSharesShareBytes } from './top-lists';

/** Rows of numbers over the slots of a share: slot numbers, addresses of target rows, and their biases. */
const NUMBER_ROWS: i32 = 3;

/** Bytes from one row of the matrix to the next: an odd number of cache lines, so that its columns fall on all sets. */
@inline
function matrixStride(width: usize): usize {
  return ((width + 63) & ~63) | 64;
}

/**
 * Bytes of a share that has all slots: numbers, counts, a block of scores, the matrix, the lists and the repeats,
 * rounded up to whole cache lines.
 */
export function rankProductShareBytes(inner: i32, slots: i32, k: i32, n: i32, places: i32): usize {
  const width = widthOf(slots);
  const bytes = width * (NUMBER_ROWS + COUNT_ROWS + BLOCK) + matrixStride(width) * inner + topSharesShareBytes(slots, k);
  return (bytes + rankRepeatsBytes(n, slots, places) + 63) & ~63;
}

/**
 * `rank-counts` and `top-indices` of scores [n][slots] = rows·hiddenᵀ + bias that are never stored as a whole: a block
 * of rows is ranked while it is in the nearest cache. The slots with a target are split, so that idle slots cost
 * nothing and no results need merging. rows: addresses of n rows of `inner` floats; hidden [slots][inner]; bias [n];
 * target i32 [slots]; counts [2][slots]; top i32 [k][slots], or address 0 if k is 0. With `places` > 0, values[s][j] is added to the score of row
 * history[s][j], as `addRepeats` would.
 */
export function rankProduct(rows: usize, n: i32, inner: i32, hidden: usize, ldh: usize, bias: usize, target: usize, slots: i32, k: i32, parts: usize, counts: usize, countsStride: usize, top: usize, topStride: usize, history: usize, strideHistory: usize, values: usize, strideValues: usize, places: i32): void {
  const numbers = parts + rankProductShareBytes(inner, slots, k, n, places) * shareNumber();
  const live = liveSlots(target, slots, numbers);
  if (shareNumber() == 0) writeIdle(target, slots, k, counts, countsStride, top, topStride);
  const first = lo(live);
  const m = hi(live) - first;
  if (m <= 0) return;
  const mine = numbers + (<usize>first << 2);
  const width = widthOf(m);
  const part = numbers + widthOf(slots) * NUMBER_ROWS;
  const block = part + width * COUNT_ROWS;
  const b = block + width * BLOCK;
  const ldb = matrixStride(width);
  const lists = b + ldb * inner;
  gatherColumns(hidden, ldh, mine, m, inner, b, ldb);
  memory.fill(part, 0, width * COUNT_ROWS);
  startLists(lists, width, m, k);
  targetScores(rows, inner, b, ldb, bias, target, mine, m, width, part, block, numbers + (<usize>slots << 2));
  const chains = places > 0 ? lists + topSharesShareBytes(m, k) : 0;
  if (chains != 0) {
    addRepeatsToTargets(part, target, mine, m, history, strideHistory, values, strideValues, places);
    chainRepeats(chains, n, mine, m, history, strideHistory, values, strideValues, places);
  }
  for (let i = 0; i < n; i += BLOCK) {
    const to = min(i + BLOCK, n);
    const scores = block - width * i;
    nn(rows, false, i, to, inner, b, ldb, scores, width, <i32>(width >> 4), INIT_SPLAT, bias, 0);
    if (chains != 0) addRepeatsToBlock(chains, n, scores, width, i);
    countBlock(scores, width, i, to, width, part);
    if (k > 0) listBlock(scores, width, i, to, width, k, lists);
  }
  for (let s: usize = 0; s < <usize>m; s++) {
    const p = part + (s << 2);
    const o = load<u32>(mine + (s << 2)) << 2;
    const nan = load<i32>(p + width * NAN) != 0;
    const better: f32 = nan ? <f32>NaN : <f32>load<i32>(p + width * BETTER);
    const equal = nan ? firstNaNRow(rows, n, inner, b, ldb, bias, width, block, s, chains) : load<i32>(p + width * EQUAL);
    writeCounts(counts + o, countsStride, better, <f32>equal);
    if (k > 0) writeList(listOf(lists, width, s, k), k, n, top + o, topStride);
  }
}

/** Writes the numbers of the slots that have a target. Returns how many there are. */
function liveSlots(target: usize, slots: i32, numbers: usize): i32 {
  let live = 0;
  for (let b = 0; b < slots; b++) {
    if (load<i32>(target + (<usize>b << 2)) < 0) continue;
    store<i32>(numbers + (<usize>live << 2), b);
    live++;
  }
  return live;
}

function writeIdle(target: usize, slots: i32, k: i32, counts: usize, countsStride: usize, top: usize, topStride: usize): void {
  for (let b = 0; b < slots; b++) {
    const o = <usize>b << 2;
    if (load<i32>(target + o) >= 0) continue;
    writeCounts(counts + o, countsStride, 0, 0);
    for (let place = 0; place < k; place++) store<i32>(top + topStride * place + o, -1);
  }
}

/** b [inner][m] = the transposed rows of `hidden` of m slots, followed by zeros. */
function gatherColumns(hidden: usize, ldh: usize, mine: usize, m: i32, inner: i32, b: usize, ldb: usize): void {
  memory.fill(b, 0, ldb * inner);
  for (let s: usize = 0; s < <usize>m; s++) {
    const row = hidden + ldh * load<u32>(mine + (s << 2));
    for (let j: usize = 0; j < <usize>inner; j++) store<f32>(b + ldb * j + (s << 2), load<f32>(row + (j << 2)));
  }
}

function writeList(list: usize, k: i32, n: i32, out: usize, outStride: usize): void {
  const rows = list + listBytes(k);
  let place = 0;
  for (; place < k; place++) {
    const row = load<i32>(rows + (<usize>place << 2));
    if (row < 0) break;
    store<i32>(out + outStride * place, row);
  }
  if (place < k) fillUp(out, outStride, place, k, n);
}

/**
 * Writes the scores of the targets to the first row of `part`, with the same product as all scores, so that bits are
 * equal.
 */
function targetScores(rows: usize, inner: i32, b: usize, ldb: usize, bias: usize, target: usize, mine: usize, m: i32, width: usize, part: usize, block: usize, addresses: usize): void {
  const biases = addresses + (<usize>m << 2);
  for (let s: usize = 0; s < <usize>m; s++) {
    const row = load<u32>(target + (load<u32>(mine + (s << 2)) << 2)) << 2;
    store<u32>(addresses + (s << 2), load<u32>(rows + row));
    store<f32>(biases + (s << 2), load<f32>(bias + row));
  }
  for (let i = 0; i < m; i += BLOCK) {
    const to = min(i + BLOCK, m);
    const scores = block - width * i;
    nn(addresses, true, i, to, inner, b, ldb, scores, width, <i32>(width >> 4), INIT_SPLAT, biases, 0);
    for (let s = i; s < to; s++) store<f32>(part + (<usize>s << 2), load<f32>(scores + (width + 4) * s));
  }
}

/** The first row whose score in a slot is NaN. Computes the scores again, because this ends an evaluation. */
function firstNaNRow(rows: usize, n: i32, inner: i32, b: usize, ldb: usize, bias: usize, width: usize, block: usize, slot: usize, chains: usize): i32 {
  for (let i = 0; i < n; i += BLOCK) {
    const to = min(i + BLOCK, n);
    const scores = block - width * i;
    nn(rows, false, i, to, inner, b, ldb, scores, width, <i32>(width >> 4), INIT_SPLAT, bias, 0);
    if (chains != 0) addRepeatsToBlock(chains, n, scores, width, i);
    const found = firstNaN(scores + (slot << 2), width, i, to);
    if (found < to) return found;
  }
  return n;
}
