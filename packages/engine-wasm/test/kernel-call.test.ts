import { describe, expect, it } from 'vitest';
import { type Buffer, kernelCall, shareWords } from '../src/kernel-call.ts';
import { type KernelName, kernelTable } from '../src/kernel-table.ts';

const buffer = (): Buffer => ({ bytes: 64, persistent: false, address: 0 });
const [src, dst, weight, list] = [buffer(), buffer(), buffer(), buffer()];
const address = (b: Buffer, offset = 0) => ({ buffer: b, offset });

describe('kernelCall', () => {
  it('orders the words like the arguments in the table, for any order of the given ones', () => {
    const call = kernelCall('COPY_ROWS', { stride: 16, rows: 8, dst, src: { buffer: src, offset: 32 } });
    expect(call.words).toEqual([address(src, 32), address(dst), 8, 16]);
  });

  it('writes choices as their places, booleans as 0 and 1, floats as floats, an absent address as 0', () => {
    const unary = kernelCall('UNARY', { op: 'TANH', x: src, out: dst, rows: 8, stride: 16, p: 1, q: 0 });
    expect(unary.words).toEqual([1, address(src), address(dst), 8, 16, { float: 1 }, { float: 0 }]);
    const { words } = kernelCall('BROADCAST', {
      ...{ x: src, strideX: 0, one: true, out: dst },
      ...{ stride: 16, rows: 8, vectors: 1 },
    });
    expect(words[2]).toBe(1);
    const merge = { parts: src, shares: 2, n: 9, slots: 8, k: 3, out: dst, outStride: 32 };
    expect(kernelCall('TOP_MERGE', { ...merge, indices: undefined, fills: true }).words[5]).toBe(0);
  });

  it('knows from the table who runs a call and who touches what', () => {
    const call = kernelCall('TRANSPOSE', { src, lds: 16, dst, ldd: 16, rows: 8, cols: 4 });
    expect(call.runs).toEqual({ rows: 8 });
    expect(call.touches).toEqual([
      { buffer: src, by: 'rows', write: false },
      { buffer: dst, by: 'all', write: true },
    ]);
    expect(kernelCall('BARRIER', { sync: src }).runs).toBe('all');
    expect(kernelCall('DIAGONAL', { x: src, stride: 16, cols: 4, out: dst }).runs).toBe('first');
    const last = kernelCall('COPY_ROWS', { src, dst, rows: 8, stride: 16 }, { runs: 'last' });
    expect(last.runs).toBe('last');
  });

  it('reads by rows the arguments given so, if the table allows both', () => {
    const given = { dst, rows: 8, stride: 16 };
    const readBy = (byRows: boolean) =>
      kernelCall('COPY_ROWS', { ...given, src: { buffer: src, byRows } }).touches[0]?.by;
    expect([readBy(true), readBy(false)]).toEqual(['rows', 'all']);
  });

  it('includes the buffers behind a list of rows: by rows only if the kernel reads only its share of them', () => {
    const rows = { list, behind: [{ buffer: weight, by: 'rows', write: false }] } as const;
    const common = { rows, k: 4, out: dst, vectors: 1, init: src, initStride: 0 };
    const by = { ...common, m: 8, ldo: 16 };
    const touched = (call: { touches: readonly { buffer: Buffer; by: string }[] }) =>
      [list, weight].map((b) => call.touches.find((t) => t.buffer === b)?.by);
    expect(touched(kernelCall('TN', { ...by, a: src, lda: 16 }))).toEqual(['all', 'all']);
    const nn = { ...by, b: src, ldb: 16, scattered: false, mode: 'INIT_VECTOR' } as const;
    expect(touched(kernelCall('NN', nn))).toEqual(['rows', 'rows']);
  });

  it('compiles only with every argument, by its name and type', () => {
    const rest = { rows: 8, stride: 16 };
    // @ts-expect-error: `dst` is missing.
    kernelCall('COPY_ROWS', { src, ...rest });
    // @ts-expect-error: `dest` is no argument.
    kernelCall('COPY_ROWS', { src, dest: dst, ...rest });
    // @ts-expect-error: an address is not a number.
    kernelCall('COPY_ROWS', { src: 0, dst, ...rest });
    // @ts-expect-error: only an address that the table has with `?` may be absent.
    kernelCall('COPY_ROWS', { src: undefined, dst, ...rest });
    // @ts-expect-error: no such choice.
    kernelCall('UNARY', { op: 'SINE', x: src, out: dst, ...rest, p: 0, q: 0 });
    // @ts-expect-error: no such kernel.
    const unknown: KernelName = 'COPY_COLUMNS';
    expect(unknown in kernelTable.kernels).toBe(false);
  });
});

describe('shareWords', () => {
  it('orders the arguments of the size of a share as the table has them', () => {
    const sizes = { places: 3, n: 700, k: 20, slots: 8, inner: 100 };
    expect(shareWords('RANK_PRODUCT', sizes)).toEqual([100, 8, 20, 700, 3]);
    expect(shareWords('SUM_ROW_GRADIENTS', {})).toEqual([]);
  });

  it('compiles only for kernels with shares, with every argument', () => {
    // @ts-expect-error: `k` is missing.
    shareWords('TOP_SHARES', { slots: 8 });
    // @ts-expect-error: only kernels whose entry has a `share` keep one.
    expect(() => shareWords('COPY_ROWS', {})).toThrow(TypeError);
  });
});
