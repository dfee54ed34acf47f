// Copies of values in another order: transposed, repeated, gathered.
#pragma once
#include "simd.h"

/** Writes a 4 × 4 block transposed. */
INLINE void transpose_block(const float *from, size_t stride, float *to, size_t to_stride) {
#if W == 4
  VI row[4], pairs[4];
  UNROLL for (int r = 0; r < 4; r++) row[r] = (VI)load(CONST_STEP(from, stride * r));
  UNROLL for (int h = 0; h < 2; h++) {
    pairs[h] = zip_low(row[2 * h], row[2 * h + 1]);
    pairs[h + 2] = zip_high(row[2 * h], row[2 * h + 1]);
  }
  UNROLL for (int c = 0; c < 4; c += 2) {
    store(STEP(to, to_stride * c), (V)zip_low_pairs(pairs[c], pairs[c + 1]));
    store(STEP(to, to_stride * (c + 1)), (V)zip_high_pairs(pairs[c], pairs[c + 1]));
  }
#else
  __m128 row[4];
  UNROLL for (int r = 0; r < 4; r++) row[r] = _mm_loadu_ps(CONST_STEP(from, stride * r));
  _MM_TRANSPOSE4_PS(row[0], row[1], row[2], row[3]);
  UNROLL for (int c = 0; c < 4; c++) _mm_storeu_ps(STEP(to, to_stride * c), row[c]);
#endif
}

/** dst[c][r] = src[r][c], split by rows r. Strides in bytes. Blocks of 4 × 4, the rest one by one. */
KERNEL(TRANSPOSE) {
  // A share starts at a multiple of 4 rows.
  const int rows4 = x.to & ~3, cols4 = x.cols & ~3;
  for (int r = x.from; r < rows4; r += 4)
    for (int c = 0; c < cols4; c += 4)
      transpose_block(CONST_STEP(x.src, x.lds * r) + c, x.lds, STEP(x.dst, x.ldd * c) + r, x.ldd);
  for (int r = x.from; r < x.to; r++)
    for (int c = r < rows4 ? cols4 : 0; c < x.cols; c++) STEP(x.dst, x.ldd * c)[r] = CONST_STEP(x.src, x.lds * r)[c];
}

/** out[c] = x[c][c]. */
KERNEL(DIAGONAL) {
  for (int c = 0; c < x.cols; c++) ((float *)x.out)[c] = *CONST_STEP(x.x, (x.stride + 4) * c);
}

/** A matrix with x on the diagonal, zeros elsewhere. */
KERNEL(FROM_DIAGONAL) {
  memset(x.out, 0, (size_t)(x.stride * x.rows));
  for (int c = 0; c < x.cols; c++) *STEP(x.out, (x.stride + 4) * c) = ((const float *)x.x)[c];
}

/** Copies a row: one float, or whole vectors. Zeros if `from` is null. */
INLINE void copy_row(float *to, const float *from, size_t bytes) {
  if (bytes == 4) *to = from ? *from : 0;
  else if (from) copy_floats(to, from, bytes / 4);
  else memset(to, 0, (size_t)bytes);
}

/** Repeats a row, a column or a scalar, split by rows. `one`: x has a single float per row. strideX 0 repeats the row. */
KERNEL(BROADCAST) {
  for (int r = x.from; r < x.to; r++) {
    const float *from = CONST_STEP(x.x, x.strideX * r);
    float *to = STEP(x.out, x.stride * r);
    if (!x.one) copy_row(to, from, (ptrdiff_t)x.vectors * 16);
    else EACH_VECTOR(x.vectors * 4) store_lanes(to + o, m, splat(*from));
  }
}

/** dst = src for rows of `stride` bytes, split by rows. They do not overlap. */
KERNEL(COPY_ROWS) {
  memcpy(STEP(x.dst, x.stride * x.from), CONST_STEP(x.src, x.stride * x.from), (size_t)(x.stride * (x.to - x.from)));
}

/** Bytes of n rows, of which the last one ends with its floats: a value of one row has no distance behind it. */
INLINE size_t bytes_of_rows(int n, size_t stride, size_t bytes) { return n > 0 ? stride * (size_t)(n - 1) + bytes : 0; }

/** out = the rows of a, then those of b, `stride` bytes apart, of `bytes` bytes. Split by rows of `out`. */
KERNEL(CONCAT) {
  const int middle = larger(x.from, smaller(x.to, x.rowsA)), before = middle - x.from, behind = x.to - middle;
  if (before > 0)
    memcpy(STEP(x.out, x.stride * x.from), CONST_STEP(x.a, x.stride * x.from), bytes_of_rows(before, x.stride, x.bytes));
  if (behind > 0)
    memcpy(STEP(x.out, x.stride * middle), CONST_STEP(x.b, x.stride * (middle - x.rowsA)),
           bytes_of_rows(behind, x.stride, x.bytes));
}

/** list[i] = address of row indices[i] of the table, or `zeros` for −1. Split by i. */
KERNEL(ROW_ADDRESSES) {
  const int32_t *indices = x.indices;
  uint32_t *list = x.list;
  for (int i = x.from; i < x.to; i++) {
    const char *row = indices[i] < 0 ? x.zeros : (const char *)x.table + x.stride * indices[i];
    list[i] = (uint32_t)(row - base);
  }
}

/** out[i] = row indices[i], `bytes` per row, or zeros for −1. Split by i. */
KERNEL(GATHER_ROWS) {
  const int32_t *indices = x.indices;
  for (int i = x.from; i < x.to; i++) {
    const int next = i + AHEAD < x.to ? indices[i + AHEAD] : -1;
    if (PREFETCHES && next >= 0) fetch((const char *)x.table + x.stride * next, x.bytes);
    copy_row(STEP(x.out, x.strideOut * i), indices[i] < 0 ? NULL : CONST_STEP(x.table, x.stride * indices[i]), x.bytes);
  }
}

/** table[indices[i]] = rows[i] for i < count. Split by `capacity`, the largest count. Indices are distinct. */
KERNEL(PUT_ROWS) {
  const int32_t *indices = x.indices;
  for (int i = x.from, end = smaller(x.to, *(const int32_t *)x.count); i < end; i++)
    copy_row(STEP(x.table, x.stride * indices[i]), CONST_STEP(x.rows, x.strideRows * i), x.bytes);
}
