import { lo, hi } from './share';
import { barrier } from './barrier';
import { nn, productScalar, rowDots, sumParts, tn, tnPart } from './products';
import { binary, binaryRun, unary } from './elementwise';
import { sumRows, sumCols, maxRows, maxCols } from './reductions';
import { transpose, diagonal, fromDiagonal, broadcast, concat, copyRows } from './layout';
import { rowAddresses, gatherRows, putRows } from './gather';
import { dropoutMask } from './philox';
import { crossEntropyExponentials, crossEntropyGradient } from './cross-entropy';
import { bprMaxActivate, bprMaxGradient, bprMaxMoments } from './bpr-max';
import { mergeRows, scatterRows, uniqueIndices, sumRowGradients, sumScalarGradients } from './rows';
import { rankMerge, rankProduct, rankShares, topMerge, topShares } from './ranking';
import { adagrad, adagradRows, adagradScalars } from './adagrad';

// One row a kernel: its number, and how its arguments lie in the op list. Numbers are exported, so that the
// compiler reads them from the module instead of keeping a list of its own. Kernels take plain numbers: an object
// for their many arguments would be allocated at every call.

export const NN: i32 = 0;
export const TN: i32 = 1;
export const TN_PART: i32 = 2;
export const SUM_PARTS: i32 = 3;
export const PRODUCT_SCALAR: i32 = 4;
export const ROW_DOTS: i32 = 5;
export const BINARY: i32 = 6;
export const BINARY_RUN: i32 = 7;
export const UNARY: i32 = 8;
export const SUM_ROWS: i32 = 9;
export const SUM_COLS: i32 = 10;
export const MAX_ROWS: i32 = 11;
export const MAX_COLS: i32 = 12;
export const TRANSPOSE: i32 = 13;
export const DIAGONAL: i32 = 14;
export const FROM_DIAGONAL: i32 = 15;
export const BROADCAST: i32 = 16;
export const COPY_ROWS: i32 = 17;
export const ROW_ADDRESSES: i32 = 18;
export const GATHER_ROWS: i32 = 19;
export const PUT_ROWS: i32 = 20;
export const SCATTER_ROWS: i32 = 21;
export const MERGE_ROWS: i32 = 22;
export const DROPOUT_MASK: i32 = 23;
export const CROSS_ENTROPY_EXPONENTIALS: i32 = 24;
export const CROSS_ENTROPY_GRADIENT: i32 = 25;
export const BPR_MAX_ACTIVATE: i32 = 26;
export const BPR_MAX_MOMENTS: i32 = 27;
export const BPR_MAX_GRADIENT: i32 = 28;
export const UNIQUE_INDICES: i32 = 29;
export const SUM_ROW_GRADIENTS: i32 = 30;
export const SUM_SCALAR_GRADIENTS: i32 = 31;
export const ADAGRAD: i32 = 32;
export const ADAGRAD_ROWS: i32 = 33;
export const ADAGRAD_SCALARS: i32 = 34;
export const BARRIER: i32 = 35;
export const CONCAT: i32 = 36;
export const RANK_SHARES: i32 = 37;
export const RANK_MERGE: i32 = 38;
export const TOP_SHARES: i32 = 39;
export const TOP_MERGE: i32 = 40;
export const RANK_PRODUCT: i32 = 41;

@inline
function u(at: usize, i: usize): usize {
  return load<u32>(at + (i << 2));
}
@inline
function n(at: usize, i: usize): i32 {
  return load<i32>(at + (i << 2));
}
@inline
function f(at: usize, i: usize): f32 {
  return load<f32>(at + (i << 2));
}
/** A scalar tensor: the argument is its address. */
@inline
function s(at: usize, i: usize): f32 {
  return load<f32>(load<u32>(at + (i << 2)));
}

/** Runs one op whose arguments start at `a`. */
export function dispatch(op: i32, a: usize): void {
  switch (op) {
    case NN: nn(u(a, 0), n(a, 1) != 0, lo(n(a, 2)), hi(n(a, 2)), n(a, 3), u(a, 4), u(a, 5), u(a, 6), u(a, 7), n(a, 8), n(a, 9), u(a, 10), u(a, 11)); break;
    case TN: tn(u(a, 0), u(a, 1), u(a, 2), n(a, 3), u(a, 4), u(a, 5), n(a, 6), n(a, 7), u(a, 8), u(a, 9)); break;
    case TN_PART: tnPart(u(a, 0), u(a, 1), u(a, 2), n(a, 3), u(a, 4), u(a, 5), n(a, 6), n(a, 7), u(a, 8)); break;
    case SUM_PARTS: sumParts(u(a, 0), n(a, 1), u(a, 2), u(a, 3), n(a, 4), n(a, 5), u(a, 6), u(a, 7)); break;
    case PRODUCT_SCALAR: productScalar(u(a, 0), n(a, 1), n(a, 2), u(a, 3), n(a, 4), n(a, 5), u(a, 6), n(a, 7), n(a, 8), n(a, 9), n(a, 10)); break;
    case ROW_DOTS: rowDots(u(a, 0), n(a, 1), u(a, 2), n(a, 3), u(a, 4)); break;
    case BINARY: binary(n(a, 0), u(a, 1), u(a, 2), n(a, 3) != 0, u(a, 4), u(a, 5), n(a, 6) != 0, u(a, 7), u(a, 8), n(a, 9), n(a, 10)); break;
    case BINARY_RUN: binaryRun(n(a, 0), u(a, 1), n(a, 2) != 0, u(a, 3), n(a, 4) != 0, u(a, 5), n(a, 6), u(a, 7)); break;
    case UNARY: unary(n(a, 0), u(a, 1), u(a, 2), n(a, 3), u(a, 4), f(a, 5), f(a, 6)); break;
    case SUM_ROWS: sumRows(u(a, 0), u(a, 1), n(a, 2), n(a, 3), u(a, 4)); break;
    case SUM_COLS: sumCols(u(a, 0), u(a, 1), n(a, 2), n(a, 3), u(a, 4)); break;
    case MAX_ROWS: maxRows(u(a, 0), u(a, 1), n(a, 2), n(a, 3), u(a, 4)); break;
    case MAX_COLS: maxCols(u(a, 0), u(a, 1), n(a, 2), n(a, 3), u(a, 4)); break;
    case TRANSPOSE: transpose(u(a, 0), u(a, 1), u(a, 2), u(a, 3), n(a, 4), n(a, 5)); break;
    case DIAGONAL: diagonal(u(a, 0), u(a, 1), n(a, 2), u(a, 3)); break;
    case FROM_DIAGONAL: fromDiagonal(u(a, 0), n(a, 1), u(a, 2), u(a, 3), n(a, 4)); break;
    case BROADCAST: broadcast(u(a, 0), u(a, 1), n(a, 2) != 0, u(a, 3), u(a, 4), n(a, 5), n(a, 6)); break;
    case COPY_ROWS: copyRows(u(a, 0), u(a, 1), n(a, 2), u(a, 3)); break;
    case ROW_ADDRESSES: rowAddresses(u(a, 0), u(a, 1), u(a, 2), n(a, 3), u(a, 4), u(a, 5)); break;
    case GATHER_ROWS: gatherRows(u(a, 0), u(a, 1), u(a, 2), n(a, 3), u(a, 4), u(a, 5), u(a, 6)); break;
    case PUT_ROWS: putRows(u(a, 0), u(a, 1), u(a, 2), u(a, 3), n(a, 4), u(a, 5), u(a, 6), u(a, 7)); break;
    case SCATTER_ROWS: scatterRows(u(a, 0), u(a, 1), u(a, 2), n(a, 3), u(a, 4), n(a, 5), u(a, 6), u(a, 7)); break;
    case MERGE_ROWS: mergeRows(u(a, 0), u(a, 1), n(a, 2), u(a, 3), n(a, 4), u(a, 5), u(a, 6)); break;
    case DROPOUT_MASK: dropoutMask(u(a, 0), n(a, 1), n(a, 2), f(a, 3), u(a, 4), u(a, 5), n(a, 6), n(a, 7)); break;
    case CROSS_ENTROPY_EXPONENTIALS: crossEntropyExponentials(u(a, 0), u(a, 1), n(a, 2), n(a, 3), u(a, 4), u(a, 5), n(a, 6) != 0, u(a, 7), u(a, 8), u(a, 9)); break;
    case CROSS_ENTROPY_GRADIENT: crossEntropyGradient(u(a, 0), n(a, 1), n(a, 2), u(a, 3), u(a, 4), f(a, 5), f(a, 6), u(a, 7), u(a, 8), u(a, 9), u(a, 10)); break;
    case BPR_MAX_ACTIVATE: bprMaxActivate(u(a, 0), u(a, 1), n(a, 2), n(a, 3), u(a, 4), n(a, 5) != 0, f(a, 6), u(a, 7), u(a, 8), u(a, 9)); break;
    case BPR_MAX_MOMENTS: bprMaxMoments(u(a, 0), u(a, 1), n(a, 2), n(a, 3), u(a, 4), u(a, 5), u(a, 6)); break;
    case BPR_MAX_GRADIENT: bprMaxGradient(u(a, 0), n(a, 1), n(a, 2), u(a, 3), u(a, 4), n(a, 5) != 0, f(a, 6), f(a, 7), f(a, 8), u(a, 9), u(a, 10), u(a, 11), u(a, 12)); break;
    case UNIQUE_INDICES: uniqueIndices(u(a, 0), n(a, 1), u(a, 2), n(a, 3), u(a, 4), u(a, 5), u(a, 6), u(a, 7), u(a, 8)); break;
    case SUM_ROW_GRADIENTS: sumRowGradients(u(a, 0), u(a, 1), u(a, 2), n(a, 3), u(a, 4), n(a, 5), u(a, 6), u(a, 7), u(a, 8), u(a, 9), u(a, 10), u(a, 11), n(a, 12), n(a, 13)); break;
    case SUM_SCALAR_GRADIENTS: sumScalarGradients(u(a, 0), u(a, 1), u(a, 2), u(a, 3), u(a, 4), n(a, 5)); break;
    case ADAGRAD: adagrad(u(a, 0), u(a, 1), u(a, 2), u(a, 3), n(a, 4), u(a, 5), s(a, 6), f(a, 7), f(a, 8)); break;
    case ADAGRAD_ROWS: adagradRows(u(a, 0), u(a, 1), u(a, 2), u(a, 3), n(a, 4), u(a, 5), n(a, 6), u(a, 7), u(a, 8), u(a, 9), u(a, 10), u(a, 11), u(a, 12), u(a, 13), u(a, 14), n(a, 15), s(a, 16), f(a, 17), f(a, 18)); break;
    case ADAGRAD_SCALARS: adagradScalars(u(a, 0), u(a, 1), u(a, 2), u(a, 3), u(a, 4), u(a, 5), u(a, 6), u(a, 7), s(a, 8), f(a, 9), f(a, 10)); break;
    case CONCAT: concat(u(a, 0), n(a, 1), u(a, 2), u(a, 3), n(a, 4), u(a, 5)); break;
    case RANK_SHARES: rankShares(u(a, 0), u(a, 1), n(a, 2), n(a, 3), u(a, 4), u(a, 5)); break;
    case RANK_MERGE: rankMerge(u(a, 0), u(a, 1), n(a, 2), n(a, 3), u(a, 4), u(a, 5), n(a, 6), u(a, 7), u(a, 8)); break;
    case TOP_SHARES: topShares(u(a, 0), u(a, 1), n(a, 2), n(a, 3), n(a, 4), u(a, 5)); break;
    case TOP_MERGE: topMerge(u(a, 0), n(a, 1), n(a, 2), n(a, 3), n(a, 4), u(a, 5), u(a, 6), u(a, 7)); break;
    case RANK_PRODUCT: rankProduct(u(a, 0), n(a, 1), n(a, 2), u(a, 3), u(a, 4), u(a, 5), u(a, 6), n(a, 7), n(a, 8), u(a, 9), u(a, 10), u(a, 11), u(a, 12), u(a, 13), u(a, 14)); break;
    case BARRIER: barrier(u(a, 0)); break;
    default: unreachable();
  }
}
