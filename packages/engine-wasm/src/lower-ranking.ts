import { inputOf, type Node, outputOf, type Tensor } from '@gru4rec/program';
import type { Layout } from './layout.ts';
import { listed, lowerScreenedTop } from './lower-screening.ts';
import type { ProgramLowering } from './lowering.ts';

export function lowerRankCounts(lowering: ProgramLowering, node: Node): void {
  if (lowerRankedProduct(lowering, node)) return;
  const [scores, target] = [lowering.dense(inputOf(node)), lowering.dense(inputOf(node, 1))];
  const out = lowering.allocate(outputOf(node));
  const { stride, rows: n, cols: slots } = scores;
  const parts = lowering.shares('RANK_SHARES', { slots });
  const shared = { scores, stride, n, slots, target, parts };
  lowering.call('RANK_SHARES', shared);
  lowering.call('RANK_MERGE', { ...shared, shares: lowering.threads, out, outStride: out.stride });
}

export function lowerTopIndices(lowering: ProgramLowering, node: Node): void {
  if (lowerRankedProduct(lowering, node) || lowerScreenedTop(lowering, node)) return;
  const scores = lowering.dense(inputOf(node));
  const { indices, allowed } = listed(lowering, node);
  const out = lowering.allocate(outputOf(node));
  const { rows: k, cols: slots, stride: outStride } = out;
  const parts = lowering.shares('TOP_SHARES', { slots, k });
  const { stride, rows: n } = scores;
  lowering.call('TOP_SHARES', { scores, stride, n, slots, k, allowed, parts });
  const lists = { parts, shares: lowering.threads, n, slots, k, indices, fills: !allowed };
  lowering.call('TOP_MERGE', { ...lists, out, outStride });
}

/** Columns per thread from which a ranked product is split by columns. Fewer would leave threads idle. */
const COLUMNS_PER_THREAD = 8;

interface RankedProduct {
  readonly add: Node;
  readonly product: Node;
  readonly column: Tensor;
  readonly adjust: Node | undefined;
  readonly counts: Node;
  readonly top: Node | undefined;
}

function rankedProduct(lowering: ProgramLowering, scores: Tensor): RankedProduct | undefined {
  const readers = lowering.program.nodes.filter((node) => node.inputs.includes(scores));
  const counts = readers.find((node) => node.op === 'rank-counts');
  const top = readers.find((node) => node.op === 'top-indices');
  const last = lowering.producers.get(scores.id);
  const adjust = last?.op === 'adjust' ? last : undefined;
  const added = adjust ? inputOf(adjust) : scores;
  const add = lowering.producers.get(added.id);
  const [sum, column] = add?.inputs ?? [];
  const product = sum && lowering.producers.get(sum.id);
  const reads = (t: Tensor | undefined): number | undefined => lowering.useCount.get(t?.id ?? -1);
  if (!counts || (top && counts.inputs[1] !== top.inputs[1]) || reads(scores) !== (top ? 2 : 1))
    return undefined;
  if (add?.op !== 'add' || !column || product?.op !== 'matmul') return undefined;
  if (reads(sum) !== 1 || (adjust && reads(added) !== 1)) return undefined;
  if (column.cols !== 1 || column.rows !== scores.rows) return undefined;
  const { transposeA, transposeB } = product.attributes;
  const a = inputOf(product);
  const whole = a.cols > 1 && sum?.cols === scores.cols && sum.rows === scores.rows;
  if (transposeA === true || transposeB !== true || !whole) return undefined;
  if (scores.cols < COLUMNS_PER_THREAD * lowering.threads) return undefined;
  return { add, product, column, adjust, counts, top };
}

/** Marks products that run inside their ranking, with the additions after them. Must run before any call is emitted. */
export function deferRankedProducts(lowering: ProgramLowering): void {
  for (const node of lowering.program.nodes) {
    if (node.op !== 'rank-counts') continue;
    const ranked = rankedProduct(lowering, inputOf(node));
    if (!ranked) continue;
    const { add, product, adjust } = ranked;
    for (const part of adjust ? [add, product, adjust] : [add, product]) lowering.deferred.add(part);
  }
}

function lowerRankedProduct(lowering: ProgramLowering, node: Node): boolean {
  const ranked = rankedProduct(lowering, inputOf(node));
  if (!ranked) return false;
  if (lowering.has(outputOf(node))) return true;
  const [table, states] = [inputOf(ranked.product), inputOf(ranked.product, 1)];
  const [hidden, bias] = [lowering.dense(states), lowering.dense(ranked.column)];
  const target = lowering.dense(inputOf(ranked.counts, 1));
  const rows = lowering.rows(table);
  const counts = lowering.allocate(outputOf(ranked.counts));
  const top = ranked.top && lowering.allocate(outputOf(ranked.top));
  const { rows: n, cols: inner } = table;
  const [slots, k] = [counts.cols, top?.rows ?? 0];
  const adjusted = adjustedOf(lowering, ranked.adjust);
  const parts = lowering.shares('RANK_PRODUCT', { inner, slots, k, n, places: adjusted.places });
  const factors = { rows, n, inner, hidden, ldh: hidden.stride, bias };
  const results = { counts, countsStride: counts.stride, top, topStride: top?.stride ?? 0 };
  const operations = 2 * n * inner * slots;
  lowering.call(
    'RANK_PRODUCT',
    { ...factors, target, slots, k, parts, ...results, ...adjusted },
    { operations },
  );
  return true;
}

function adjustedOf(lowering: ProgramLowering, node: Node | undefined) {
  if (!node) {
    return {
      adjusted: undefined,
      strideAdjusted: 0,
      scale: undefined,
      added: undefined,
      strideValues: 0,
      places: 0,
    };
  }
  const { rows, scale, added } = adjustments(lowering, node);
  return {
    adjusted: rows,
    strideAdjusted: rows.stride,
    scale,
    added,
    strideValues: scale.stride,
    places: rows.cols,
  };
}

function adjustments(lowering: ProgramLowering, node: Node) {
  const [rows, scale, added] = [1, 2, 3].map((input) => lowering.dense(inputOf(node, input))) as [
    Layout,
    Layout,
    Layout,
  ];
  return { rows, scale, added };
}

export function lowerAdjust(lowering: ProgramLowering, node: Node): void {
  const x = lowering.dense(inputOf(node));
  const { rows, scale, added } = adjustments(lowering, node);
  const out = lowering.allocate(outputOf(node));
  const strides = { stride: x.stride, strideRows: rows.stride, strideValues: scale.stride };
  const sizes = { n: x.rows, slots: x.cols, k: rows.cols };
  lowering.call(
    'ADJUST',
    { x, out, rows, scale, added, ...strides, ...sizes },
    { inPlace: [out.buffer, x.buffer] },
  );
}
