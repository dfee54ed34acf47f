import { describe, expect, it } from 'vitest';
import { type Buffer, kernelCall, numberOf } from '../src/kernel-call.ts';
import { HEAD_WORDS } from '../src/kernel-table.ts';
import { bindTo, loadKernels } from '../src/load-kernels.ts';

const STRIDE = 4096;
const PAGE_BYTES = 65536;
/** Rows of 3 GiB, of which the middle one is below and the last one above 2 GiB, in one share. */
const ROWS = 786_000;
const SHARES = 64;
const FIRST = PAGE_BYTES * 16;

/** Runs a share of a call in the memory. Pages that no share touches take no memory. */
function runShare(memory: WebAssembly.Memory, call: ReturnType<typeof kernelCall>, share: number): void {
  const words = new Uint32Array(memory.buffer);
  const floats = new Float32Array(memory.buffer);
  const list = PAGE_BYTES / 4;
  words[list] = numberOf(call.kernel);
  for (const [i, word] of call.words.entries()) {
    const at = list + HEAD_WORDS + i;
    if (typeof word === 'number') words[at] = word;
    else if ('float' in word) floats[at] = word.float;
    else words[at] = word.buffer.address + word.offset;
  }
  bindTo(loadKernels({ relaxed: false, shared: false }), memory)(4 * list, 0, 1, share, SHARES, 0);
}

describe('kernels on addresses above 2 GiB', () => {
  const memory = new WebAssembly.Memory({ initial: 57_344, maximum: 57_344 });
  const floats = new Float32Array(memory.buffer);
  const buffer = (address: number): Buffer => ({ address, bytes: STRIDE * ROWS, persistent: true });
  const value = buffer(FIRST);
  // Its share of the rows goes from below 2 GiB to above.
  const spanning = Math.floor((2 ** 31 / (STRIDE * ROWS)) * SHARES);
  const rows = [520_000, Math.ceil((2 ** 31 - FIRST) / STRIDE)];
  const at = (row: number): number => (FIRST + STRIDE * row) / 4;
  const run = { rows: ROWS, stride: STRIDE };

  it.each([
    ['UNARY', kernelCall('UNARY', { op: 'AFFINE', x: value, out: value, ...run, p: 2, q: 1 }), 11],
    [
      'BINARY_RUN',
      kernelCall('BINARY_RUN', {
        op: 'ADD',
        a: value,
        oneA: false,
        b: value,
        oneB: false,
        out: value,
        ...run,
      }),
      10,
    ],
    [
      'ADAGRAD',
      kernelCall('ADAGRAD', {
        ...{ value, acc: value, mom: undefined, gradient: value, ...run },
        ...{ rate: buffer(0), momentum: 0, epsilon: 0 },
      }),
      // acc = 5 + 5², and then the value of the same address, with a rate of 0.
      30,
    ],
  ])('%s reaches all rows of a share', (_, call, expected) => {
    for (const row of rows) floats[at(row)] = 5;
    for (let share = spanning - 1; share <= spanning + 1; share++) runShare(memory, call, share);
    expect(rows.map((row) => floats[at(row)])).toEqual(rows.map(() => expected));
  });
});
