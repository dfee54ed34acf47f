import { hi, lo } from './share';

/** list[i] = address of row indices[i] of the table, or `zeros` for −1. Split by i. */
export function rowAddresses(table: usize, stride: usize, indices: usize, n: i32, zeros: usize, list: usize): void {
  const from = lo(n);
  indices += <usize>from << 2;
  list += <usize>from << 2;
  for (let i = from, end = hi(n); i < end; i++, indices += 4, list += 4) {
    const index = load<i32>(indices);
    store<u32>(list, <u32>(index < 0 ? zeros : table + stride * index));
  }
}

/** out[i] = row indices[i], `bytes` per row, or zeros for −1. Split by i. */
export function gatherRows(table: usize, stride: usize, indices: usize, n: i32, out: usize, strideOut: usize, bytes: usize): void {
  const from = lo(n);
  indices += <usize>from << 2;
  out += strideOut * from;
  for (let i = from, end = hi(n); i < end; i++, indices += 4, out += strideOut) {
    const index = load<i32>(indices);
    if (index < 0) memory.fill(out, 0, bytes);
    else if (bytes == 4) store<u32>(out, load<u32>(table + stride * index));
    else memory.copy(out, table + stride * index, bytes);
  }
}

/** table[indices[i]] = rows[i] for i < count. Split by `capacity`, the largest count. Indices are distinct. */
export function putRows(table: usize, stride: usize, indices: usize, count: usize, capacity: i32, rows: usize, strideRows: usize, bytes: usize): void {
  const end = min(hi(capacity), load<i32>(count));
  for (let i = lo(capacity); i < end; i++) memory.copy(table + stride * load<i32>(indices + (<usize>i << 2)), rows + strideRows * i, bytes);
}
