import { createWasmEngine } from '@gru4rec/engine-wasm';
import { expectExactTop, expectGroupedTop, groupedShapes, scoredTables } from '@gru4rec/test-support';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findNativeKernels } from '../../src/native/index.ts';

const state = findNativeKernels();
const instructionSets = state.kernels ? state.instructionSets : [];

describe('native kernels', () => {
  if (!state.kernels) it('screen exactly', (ctx) => ctx.skip(state.reason));

  it.each(
    instructionSets.flatMap((set) => [
      { set, threads: 1 },
      { set, threads: 3, threadsFrom: 0 },
    ]),
  )('list the rows that float32 scores list: %o', ({ set, ...options }) => {
    const native = findNativeKernels(set).kernels;
    const screened = createWasmEngine({ ...options, native, screenFrom: 0, screenAfter: 0 });
    const whole = createWasmEngine({ ...options, native, screenFrom: Number.POSITIVE_INFINITY });
    fc.assert(
      fc.property(scoredTables, (given) => expectExactTop(screened, whole, given)),
      { numRuns: 100 },
    );
    expect(screened.instructionSet).toBe(set);
    const grouped = createWasmEngine({ ...options, native, screenFrom: 0, screenAfter: 0, groupFrom: 1 });
    for (const shape of groupedShapes) expectGroupedTop(grouped, shape);
  });
});
