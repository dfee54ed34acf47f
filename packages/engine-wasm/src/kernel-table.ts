/**
 * The interface between compiler and kernels. `scripts/generate-headers.ts` generates the kernels' side of a call from
 * it. `kernel-call.ts` is the compiler's side, and documents the kinds of arguments.
 */
// biome-ignore format: as a table, one kernel per paragraph
export const kernelTable = {
  choices: {
    binary: ['ADD', 'SUBTRACT', 'MULTIPLY', 'DIVIDE'],
    unary: ['SIGMOID', 'TANH', 'STEP', 'RELU', 'LEAKY_RELU', 'ELU', 'EXP', 'LOG', 'SQRT', 'AFFINE', 'COPY'],
    start: ['INIT_VECTOR', 'INIT_SPLAT'],
  },

  constants: {
    /** Rows are split at multiples of this number, so that a share of a column consists of whole vectors. */
    GRANULE: 4,
    /** Rows per block of a row update. */
    ROW_BLOCK: 64,
    /** Rows of a table per block of its int8 copy. */
    BLOCK_ITEMS: 16,
    /** Blocks of rows per group of similar rows. */
    GROUP_BLOCKS: 2,
    /** Sets of rows that threads share while they order them. */
    ORDER_SETS: 32,
    /** Best groups of a sample, the last of which limits what a list reads. */
    SAMPLED_GROUPS: 32,
    /** Units up to which rows are grouped. */
    GROUPED_UNITS: 256,
    /** Bytes of a thread's stack. */
    STACK_BYTES: 16384,
  },

  /**
   * The kernels: parameters in order. The number of a kernel is its index in this list. `share`: each thread's share keeps
   * its own sums in memory, of a size in bytes that the kernel tells from the named arguments, of which there are at most 5.
   */
  kernels: {
    NN: { arguments: {
      rows: 'split rows', scattered: 'bool', m: 'range', k: 'i32', b: 'read', ldb: 'bytes',
      out: 'write', ldo: 'bytes', vectors: 'i32', mode: 'start', init: 'read', initStride: 'bytes' } },
    TN: { arguments: {
      a: 'read', lda: 'bytes', rows: 'rows', k: 'i32', out: 'write', ldo: 'bytes', m: 'split', vectors: 'i32',
      init: 'read', initStride: 'bytes' } },
    TN_PART: { share: ['ldo', 'm'], arguments: {
      a: 'read rows', lda: 'bytes', rows: 'split rows', k: 'split', parts: 'scatter', ldo: 'bytes', m: 'i32',
      vectors: 'i32', zeros: 'read' } },
    SUM_PARTS: { arguments: {
      parts: 'read', count: 'i32', out: 'write', ldo: 'bytes', m: 'split', vectors: 'i32', init: 'read',
      initStride: 'bytes' } },
    PRODUCT_SCALAR: { arguments: {
      a: 'read', ai: 'i32', ak: 'i32', b: 'read', bk: 'i32', bj: 'i32', out: 'write', oi: 'i32', m: 'split',
      k: 'i32', n: 'i32' } },
    ROW_DOTS: { arguments: { rows: 'split rows', m: 'split', x: 'read', k: 'i32', out: 'scatter' } },

    BINARY: { arguments: {
      op: 'binary', a: 'read', strideA: 'bytes', oneA: 'bool', b: 'read', strideB: 'bytes', oneB: 'bool',
      out: 'write', strideOut: 'bytes', rows: 'split', vectors: 'i32' } },
    BINARY_RUN: { arguments: {
      op: 'binary', a: 'read', oneA: 'bool', b: 'read', oneB: 'bool', out: 'write', rows: 'split', stride: 'bytes' } },
    UNARY: { arguments: {
      op: 'unary', x: 'read rows', out: 'write', rows: 'split', stride: 'bytes', p: 'f32', q: 'f32' } },

    SUM_ROWS: { arguments: {
      x: 'read', stride: 'bytes', rows: 'i32', vectors: 'i32', out: 'write' } },
    SUM_COLS: { arguments: {
      x: 'read rows', stride: 'bytes', rows: 'split', cols: 'i32', out: 'write' } },
    MAX_ROWS: { arguments: {
      x: 'read', stride: 'bytes', rows: 'i32', vectors: 'i32', out: 'write' } },
    MAX_COLS: { arguments: {
      x: 'read rows', stride: 'bytes', rows: 'split', cols: 'i32', out: 'write' } },

    TRANSPOSE: { arguments: {
      src: 'read rows', lds: 'bytes', dst: 'scatter', ldd: 'bytes', rows: 'split', cols: 'i32' } },
    DIAGONAL: { arguments: { x: 'read', stride: 'bytes', cols: 'i32', out: 'write' } },
    FROM_DIAGONAL: { arguments: {
      x: 'read', cols: 'i32', out: 'write', stride: 'bytes', rows: 'i32' } },
    BROADCAST: { arguments: {
      x: 'read', strideX: 'bytes', one: 'bool', out: 'write', stride: 'bytes', rows: 'split', vectors: 'i32' } },
    COPY_ROWS: { arguments: { src: 'read', dst: 'write', rows: 'split', stride: 'bytes' } },

    ROW_ADDRESSES: { arguments: {
      table: 'read', stride: 'bytes', indices: 'read rows', n: 'split', zeros: 'read', list: 'write' } },
    GATHER_ROWS: { arguments: {
      table: 'read', stride: 'bytes', indices: 'read rows', n: 'split', out: 'write', strideOut: 'bytes',
      bytes: 'bytes' } },
    PUT_ROWS: { arguments: {
      table: 'scatter', stride: 'bytes', indices: 'read rows', count: 'read', capacity: 'split', rows: 'read rows',
      strideRows: 'bytes', bytes: 'bytes' } },
    SCATTER_ROWS: { arguments: {
      rows: 'read', strideRows: 'bytes', indices: 'read', k: 'i32', n: 'i32', out: 'write', outRows: 'split',
      stride: 'bytes', bytes: 'bytes' } },
    ADD_ROWS: { arguments: {
      x: 'split rows', out: 'write', stride: 'bytes', n: 'split', table: 'read', strideTable: 'bytes',
      indices: 'read', k: 'i32', bytes: 'bytes' } },
    MERGE_ROWS: { arguments: {
      rows: 'read', strideRows: 'bytes', indices: 'read', k: 'i32', n: 'i32', map: 'write', slots: 'i32', out: 'write',
      stride: 'bytes' } },

    DROPOUT_MASK: { arguments: {
      philox: 'read', stream: 'u32', threshold: 'u32', scale: 'f32', out: 'write', stride: 'bytes', rows: 'split',
      cols: 'i32' } },

    CROSS_ENTROPY_EXPONENTIALS: { share: ['stride'], arguments: {
      scores: 'read rows', stride: 'bytes', n: 'split', slots: 'i32', weight: 'read rows', correction: 'read rows',
      withSum: 'bool', gradient: 'write', targets: 'scatter', parts: 'scatter' } },
    CROSS_ENTROPY_GRADIENT: { arguments: {
      stride: 'bytes', n: 'split', slots: 'i32', weight: 'read rows', live: 'read', batchSize: 'f32',
      smoothing: 'f32', gradient: 'write', perSlot: 'write first', targets: 'read', parts: 'scatter' } },
    BPR_MAX_ACTIVATE: { share: ['stride'], arguments: {
      scores: 'read rows', stride: 'bytes', n: 'split', slots: 'i32', weight: 'read rows', elu: 'bool', alpha: 'f32',
      gradient: 'write', targets: 'scatter', parts: 'scatter' } },
    BPR_MAX_MOMENTS: { arguments: {
      activation: 'read rows', stride: 'bytes', n: 'split', slots: 'i32', weight: 'read rows', targets: 'read',
      parts: 'scatter' } },
    BPR_MAX_GRADIENT: { arguments: {
      stride: 'bytes', n: 'split', slots: 'i32', weight: 'read rows', live: 'read', elu: 'bool', alpha: 'f32',
      bpreg: 'f32', batchSize: 'f32', gradient: 'write', perSlot: 'write first', targets: 'read', parts: 'scatter' } },

    UNIQUE_INDICES: { arguments: {
      indices: 'read', n: 'i32', map: 'write', mapRows: 'i32', cell: 'write', unique: 'write', head: 'write',
      next: 'write', count: 'write' } },
    SUM_ROW_GRADIENTS: { share: [], arguments: {
      count: 'read', head: 'read', next: 'read', products: 'i32', sources: 'rows', k: 'i32', b: 'read?', ldb: 'bytes',
      zeros: 'read', list: 'scatter', out: 'write', ldo: 'bytes', vectors: 'i32', capacity: 'split' } },
    SUM_SCALAR_GRADIENTS: { arguments: {
      count: 'read', head: 'read', next: 'read', sources: 'rows', out: 'write', capacity: 'split' } },
    ADAGRAD: { arguments: {
      value: 'write', acc: 'write', mom: 'write?', gradient: 'read rows', rows: 'split', stride: 'bytes',
      rate: 'scalar', momentum: 'f32', epsilon: 'f32' } },
    ADAGRAD_ROWS: { share: ['stride'], arguments: {
      count: 'split count', unique: 'read', head: 'read', next: 'read', products: 'i32', sources: 'rows', k: 'i32',
      b: 'read?', ldb: 'bytes', zeros: 'read', blocks: 'scatter', table: 'scatter', acc: 'scatter', mom: 'scatter?',
      stride: 'bytes', vectors: 'i32', rate: 'scalar', momentum: 'f32', epsilon: 'f32' } },
    ADAGRAD_SCALARS: { arguments: {
      count: 'split count', unique: 'read', head: 'read', next: 'read', sources: 'rows', table: 'scatter',
      acc: 'scatter', mom: 'scatter?', rate: 'scalar', momentum: 'f32', epsilon: 'f32' } },

    BARRIER: { arguments: { sync: 'all threads' } },

    CONCAT: { arguments: {
      a: 'read', rowsA: 'i32', b: 'read', out: 'write', rows: 'split', stride: 'bytes', bytes: 'bytes' } },

    RANK_SHARES: { share: ['slots'], arguments: {
      scores: 'read', stride: 'bytes', n: 'split', slots: 'i32', target: 'read', parts: 'scatter' } },
    RANK_MERGE: { arguments: {
      scores: 'read', stride: 'bytes', n: 'i32', slots: 'i32', target: 'read', parts: 'read', shares: 'i32',
      out: 'write', outStride: 'bytes' } },
    TOP_SHARES: { share: ['slots', 'k'], arguments: {
      scores: 'read rows', stride: 'bytes', n: 'split', slots: 'i32', k: 'i32', allowed: 'read?', parts: 'scatter' } },
    TOP_MERGE: { arguments: {
      parts: 'scatter', shares: 'i32', n: 'i32', slots: 'split', k: 'i32', indices: 'read?', fills: 'bool', out: 'scatter',
      outStride: 'bytes' } },
    RANK_PRODUCT: { share: ['inner', 'slots', 'k', 'n', 'places'], arguments: {
      rows: 'rows', n: 'i32', inner: 'i32', hidden: 'read', ldh: 'bytes', bias: 'read', target: 'read',
      slots: 'split', k: 'i32', parts: 'scatter', counts: 'scatter', countsStride: 'bytes',
      top: 'scatter?', topStride: 'bytes', adjusted: 'read?', strideAdjusted: 'bytes', scale: 'read?', added: 'read?',
      strideValues: 'bytes', places: 'i32' } },

    ADJUST: { arguments: {
      x: 'read rows', out: 'write', stride: 'bytes', n: 'split', rows: 'read', strideRows: 'bytes', scale: 'read',
      added: 'read', strideValues: 'bytes', slots: 'i32', k: 'i32' } },

    QUANTIZE_TABLE: { arguments: {
      table: 'read', stride: 'bytes', n: 'i32', inner: 'i32', bias: 'read', order: 'read?', step: 'read?', axes: 'read?',
      lda: 'bytes', blocks: 'split', copy: 'scatter', norms: 'scatter' } },
    ORDER_ROWS: { arguments: {
      table: 'read', stride: 'bytes', n: 'i32', inner: 'i32', bias: 'read', moments: 'read', ldm: 'bytes',
      order: 'scatter', keys: 'scatter', sets: 'scatter' } },
    ORDER_PARTS: { arguments: {
      table: 'read', stride: 'bytes', n: 'i32', inner: 'i32', bias: 'read', moments: 'read', ldm: 'bytes',
      order: 'scatter', keys: 'scatter', sets: 'all threads' } },
    GROUP_MEANS: { arguments: {
      table: 'read', stride: 'bytes', n: 'i32', inner: 'i32', bias: 'read', order: 'read?', step: 'read?', axes: 'read?',
      lda: 'bytes', blocks: 'split', means: 'scatter' } },
    SCREEN_TOP: { share: ['inner', 'slots'], arguments: {
      copy: 'read', norms: 'read', blocks: 'split', table: 'read', stride: 'bytes', n: 'i32', inner: 'i32',
      bias: 'read', order: 'read?', step: 'read?', axes: 'read?', lda: 'bytes', means: 'read?', hidden: 'read',
      ldh: 'bytes', slots: 'i32', k: 'i32', allowed: 'read?', lists: 'scatter', parts: 'scatter' } },
  },
} as const;

export type KernelName = keyof (typeof kernelTable)['kernels'];

/** Words of a record before its arguments: the kernel's number, and who runs the call. */
export const HEAD_WORDS = 2;
const mostArguments = Math.max(
  ...Object.values(kernelTable.kernels).map((kernel) => Object.keys(kernel.arguments).length),
);
/** Words of a record: enough for the kernel with the most arguments, and whole vectors. */
export const OP_WORDS: number = 4 * Math.ceil((HEAD_WORDS + mostArguments) / 4);

/** Identifies the table. The kernels export the fingerprint of the table that they were built from. */
export const tableFingerprint: number = fnv1a(JSON.stringify(kernelTable));

/** FNV-1a of the text's UTF-16 units (Fowler, Noll, Vo), as a signed 32-bit integer. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5 | 0;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}
