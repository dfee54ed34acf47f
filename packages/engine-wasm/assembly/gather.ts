/** list[i] = address of row indices[i] of the table; −1 gives the address `zeros`. */
export function rowAddresses(table: usize, stride: usize, indices: usize, n: i32, zeros: usize, list: usize): void {
  for (let i = 0; i < n; i++, indices += 4, list += 4) {
    const index = load<i32>(indices);
    store<u32>(list, <u32>(index < 0 ? zeros : table + stride * index));
  }
}

/** out[i] = row indices[i], `bytes` a row; −1 gives zeros. */
export function gatherRows(table: usize, stride: usize, indices: usize, n: i32, out: usize, strideOut: usize, bytes: usize): void {
  for (let i = 0; i < n; i++, indices += 4, out += strideOut) {
    const index = load<i32>(indices);
    if (index < 0) memory.fill(out, 0, bytes);
    else if (bytes == 4) store<u32>(out, load<u32>(table + stride * index));
    else memory.copy(out, table + stride * index, bytes);
  }
}

/** table[indices[i]] = rows[i] for i < count; −1 is left out. Indices are distinct. */
export function putRows(table: usize, stride: usize, indices: usize, count: usize, rows: usize, strideRows: usize, bytes: usize): void {
  const n = load<i32>(count);
  for (let i = 0; i < n; i++) memory.copy(table + stride * load<i32>(indices + (<usize>i << 2)), rows + strideRows * i, bytes);
}
