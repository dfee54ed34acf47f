import type { Node, RowGradient } from '@gru4rec/program';
import type { Buffer, KernelArguments, RowList, Touch } from './kernel-call.ts';
import { type Layout, vectorsOf } from './layout.ts';
import { productFactors } from './lower-product.ts';
import type { ProgramLowering, UniqueRows } from './lowering.ts';

/** The product that computes a part, if it is deferred to the update. */
export function deferredProduct(lowering: ProgramLowering, part: RowGradient): Node | undefined {
  const node = lowering.producers.get(part.rows.id);
  return node && lowering.deferred.has(node) ? node : undefined;
}

export function uniqueRows(
  lowering: ProgramLowering,
  parts: readonly RowGradient[],
  tableRows: number,
): UniqueRows {
  const key = [...parts.map((part) => part.indices.id), tableRows].join(':');
  const known = lowering.uniqueRows.get(key);
  if (known) return known;
  const indices = parts.map((part) => lowering.dense(part.indices));
  const total = indices.reduce((sum, layout) => sum + layout.rows, 0);
  let all = indices[0] as Layout;
  if (indices.length > 1) {
    all = lowering.scratch({ dtype: 'i32', rows: total, cols: 1 });
    let offset = 0;
    for (const layout of indices) {
      const dst = { buffer: all.buffer, offset };
      lowering.call('COPY_ROWS', { src: layout, dst, rows: layout.rows, stride: 4 }, { runs: 'last' });
      offset += layout.rows * 4;
    }
  }
  const maps = lowering.shared.indexMaps;
  const scratch = maps.get(tableRows) ?? {
    map: lowering.persistent(tableRows * 4),
    cell: lowering.persistent(4),
  };
  maps.set(tableRows, scratch);
  const [unique, head, next] = [1, 2, 3].map(() => lowering.temporary(total * 4)) as [Buffer, Buffer, Buffer];
  const found = { unique, head, next, count: lowering.temporary(4) };
  const given = { indices: all, n: total, ...scratch, mapRows: tableRows, ...found };
  lowering.call('UNIQUE_INDICES', given, { runs: 'last' });
  lowering.uniqueRows.set(key, found);
  return found;
}

export interface Sources {
  readonly rows: RowList;
  /** Number of rows that are products: a row of `inner` columns times `matrix`. */
  readonly products: number;
  readonly inner: number;
  readonly matrix: Layout | undefined;
}

/** Collects the gradient rows of all parts, a deferred product first. */
export function sourcesOf(lowering: ProgramLowering, parts: readonly RowGradient[]): Sources {
  const [first] = parts;
  const node = first && deferredProduct(lowering, first);
  const product = node && productFactors(lowering, node);
  const layouts = parts.map((part, i) => (i === 0 && product ? product.rows : lowering.dense(part.rows)));
  const total = parts.reduce((sum, { indices }) => sum + indices.rows, 0);
  const list = lowering.persistent(total * 4, (words) => {
    let word = list.address / 4;
    for (const [part, { buffer, rows, stride }] of layouts.entries()) {
      const positions = parts[part]?.indices.rows ?? 0;
      for (let at = 0; at < positions; at++) {
        words[word++] = buffer.address + Math.floor((at * rows) / positions) * stride;
      }
    }
  });
  // Left factors with the same index are summed in place.
  const behind = layouts.map(({ buffer }, i): Touch => ({ buffer, by: 'all', write: i === 0 && !!product }));
  return {
    rows: { list, behind },
    products: product?.rows.rows ?? 0,
    inner: product?.rows.cols ?? 0,
    matrix: product?.matrix,
  };
}

type ProductArguments = Pick<
  KernelArguments<'ADAGRAD_ROWS'>,
  'products' | 'sources' | 'k' | 'b' | 'ldb' | 'zeros'
>;

export function productArguments(
  lowering: ProgramLowering,
  source: Sources,
  value: Layout,
): ProductArguments {
  const { products, rows: sources, inner: k, matrix: b } = source;
  const zeros = lowering.zeros(Math.max(value.stride, k * 4 + 16));
  return { products, sources, k, b, ldb: b?.stride ?? 0, zeros };
}

export function sumGradients(
  lowering: ProgramLowering,
  gradient: Layout,
  rows: UniqueRows,
  source: Sources,
): void {
  const { count, head, next } = rows;
  const common = { count, head, next, out: gradient, capacity: gradient.rows };
  if (gradient.cols === 1) {
    lowering.call('SUM_SCALAR_GRADIENTS', { ...common, sources: source.rows });
    return;
  }
  const list = lowering.shares('SUM_ROW_GRADIENTS', {});
  const product = productArguments(lowering, source, gradient);
  const { stride: ldo } = gradient;
  lowering.call('SUM_ROW_GRADIENTS', { ...common, ...product, list, ldo, vectors: vectorsOf(gradient) });
}
