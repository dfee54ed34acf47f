// Generates assembly/generated/tiles.ts: the register tiles of the matrix products, one function per tile size.
// Measured on AVX2 (Node 20): tiles of 2 rows × 4 vectors fill the 16 vector registers. Larger tiles spill and run at
// half the speed. Unrolling by hand loses 15–20 %, because V8 unrolls already and hoisted loads spill. On Zen 5, in
// GFLOP/s (multiply and add / fused): 2 × 4 59 / 59, 4 × 2 57 / 58, 2 × 3 56 / 49, 3 × 3 27 / 61, 2 × 5 29 / 26.

/** Rows of a tile with its widths in vectors, the highest tile first. */
const TILES = [
  [4, [1, 2]],
  [2, [1, 2, 3, 4]],
  [1, [1, 2, 3, 4]],
];

const range = (n) => [...Array(n).keys()];
const lines = ["import { madd } from '../math';", ''];

/** Address of row r. */
const plus = (base, stride, r) =>
  r === 0 ? base : r === 1 ? `${base} + ${stride}` : `${base} + ${stride} * ${r}`;

/** acc[r][c] += s_r · x_c for one step of the inner extent. */
function body(rows, cols, scalar, x) {
  const load = range(cols).map((c) => `x${c} = v128.load(${x}, ${16 * c})`);
  lines.push(`    { const ${load.join(', ')};`);
  for (const r of range(rows)) {
    const acc = range(cols).map((c) => `a${r}${c} = madd(s, x${c}, a${r}${c});`);
    lines.push(`      ${r === 0 ? 'let s' : 's'} = v128.load_splat<f32>(${scalar(r)}); ${acc.join(' ')}`);
  }
  lines.push('    }');
}

function accumulators(rows, cols, value) {
  for (const r of range(rows)) {
    lines.push(
      `  let ${range(cols)
        .map((c) => `a${r}${c} = ${value(r, c)}`)
        .join(', ')};`,
    );
  }
}

function store(rows, cols, at) {
  for (const r of range(rows)) {
    lines.push(
      `  ${range(cols)
        .map((c) => `v128.store(${at(r)}, a${r}${c}, ${16 * c});`)
        .join(' ')}`,
    );
  }
}

// out[r][j] = init + Σ_k row_r[k] · b[k][j]; rows: list of row addresses.
// Vector init: loads init + r·initStride; splat init: one float per row at init + 4r.
for (const init of ['Vector', 'Splat']) {
  for (const [rows, widths] of TILES) {
    for (const cols of widths) {
      lines.push(
        `export function nn${init}${rows}${cols}(rows: usize, koff: usize, k: i32, b: usize, ldb: usize, init: usize, initStride: usize, out: usize, ldo: usize): void {`,
      );
      lines.push(
        `  let ${range(rows)
          .map((r) => `p${r}: usize = <usize>load<u32>(rows, ${4 * r}) + koff`)
          .join(', ')};`,
      );
      accumulators(rows, cols, (r, c) =>
        init === 'Vector'
          ? `v128.load(${plus('init', 'initStride', r)}, ${16 * c})`
          : `v128.load_splat<f32>(init, ${4 * r})`,
      );
      lines.push('  const end: usize = p0 + (<usize>k << 2);', '  while (p0 < end) {');
      body(rows, cols, (r) => `p${r}`, 'b');
      lines.push(
        `    b += ldb; ${range(rows)
          .map((r) => `p${r} += 4;`)
          .join(' ')}`,
        '  }',
      );
      store(rows, cols, (r) => plus('out', 'ldo', r));
      lines.push('}');
    }
  }
}

// out[r][j] = init[r][j] + Σ_n a[n][r] · row_n[j]; rows: list of n row addresses, joff: byte offset in them.
for (const [rows, widths] of TILES) {
  for (const cols of widths) {
    lines.push(
      `export function tn${rows}${cols}(rows: usize, n: i32, joff: usize, a: usize, lda: usize, init: usize, initStride: usize, out: usize, ldo: usize): void {`,
    );
    accumulators(rows, cols, (r, c) => `v128.load(${plus('init', 'initStride', r)}, ${16 * c})`);
    lines.push('  const end: usize = rows + (<usize>n << 2);', '  while (rows < end) {');
    lines.push('    const p: usize = <usize>load<u32>(rows) + joff;');
    body(rows, cols, (r) => `a, ${4 * r}`, 'p');
    lines.push('    rows += 4; a += lda;', '  }');
    store(rows, cols, (r) => plus('out', 'ldo', r));
    lines.push('}');
  }
}

// One function that selects the tile for a shape. It is inlined into the surrounding loops.
const nnParameters = ['rows: usize', 'koff: usize', 'k: i32', 'b: usize', 'ldb: usize'];
const tnParameters = ['rows: usize', 'n: i32', 'joff: usize', 'a: usize', 'lda: usize'];
const results = ['init: usize', 'initStride: usize', 'out: usize', 'ldo: usize'];

function choice(name, tile, parameters) {
  const names = parameters.map((parameter) => parameter.split(':')[0]).join(', ');
  lines.push('@inline');
  lines.push(`export function ${name}(height: i32, width: i32, ${parameters.join(', ')}): void {`);
  lines.push('  switch (height * 8 + width) {');
  for (const [rows, widths] of TILES) {
    for (const cols of widths)
      lines.push(`    case ${rows * 8 + cols}: ${tile}${rows}${cols}(${names}); break;`);
  }
  lines.push('    default: unreachable();', '  }', '}');
}

choice('nnVector', 'nnVector', [...nnParameters, ...results]);
choice('nnSplat', 'nnSplat', [...nnParameters, ...results]);
choice('tnTile', 'tn', [...tnParameters, ...results]);

/** Source of assembly/generated/tiles.ts. */
export const tilesSource = () => `${lines.join('\n')}\n`;
