import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { EngineUnavailableError, type Program, ProgramBuilder } from '@gru4rec/program';
import { DistinctSamples, type SamplingKernels } from '@gru4rec/sampler';
import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { findNativeKernels } from '../../src/native/index.ts';
import { testSampling } from './sampling.ts';

const folder = mkdtempSync(join(tmpdir(), 'gru4rec-native-'));
afterAll(() => rmSync(folder, { recursive: true }));

const state = findNativeKernels();
const nativeOr = (ctx: TestContext) => state.kernels ?? ctx.skip(state.reason);

/** Sums, exponentials and a product of 7 × 5 and 5 × 6: rows that end within a vector. */
function mixed(): Program {
  const b = new ProgramBuilder('mixed');
  const x = b.input('x', { dtype: 'f32', rows: 7, cols: 5 });
  const w = b.input('w', { dtype: 'f32', rows: 5, cols: 6 });
  const y = b.tanh(b.matmul(x, w));
  b.output('y', y);
  b.output('sum', b.sum(b.exp(y), 1));
  return b.build();
}

describe('native kernels', () => {
  it('name the instruction set that they use', (ctx) => {
    const native = nativeOr(ctx);
    expect(createWasmEngine({ native }).instructionSet).toBe(native.instructionSet);
    expect(createWasmEngine().instructionSet).toBeUndefined();
  });

  it('let NaN and infinity through where WebAssembly does', (ctx) => {
    const native = nativeOr(ctx);
    const given = {
      x: Float32Array.from(
        { length: 35 },
        (_, i) => [Number.NaN, Number.POSITIVE_INFINITY, -3, 0][i % 4] ?? 0,
      ),
      w: Float32Array.from({ length: 30 }, (_, i) => Math.sin(i)),
    };
    const expected = createWasmEngine({ threads: 1 }).load([mixed()]).run('mixed', given);
    const got = createWasmEngine({ threads: 1, native }).load([mixed()]).run('mixed', given);
    for (const name of ['y', 'sum'] as const) {
      expect(Array.from(got[name] ?? [], Number.isNaN)).toEqual(
        Array.from(expected[name] ?? [], Number.isNaN),
      );
    }
  });

  it('refuse an instruction set that is unknown', (ctx) => {
    const native = nativeOr(ctx);
    expect(() => createWasmEngine({ native: { ...native, instructionSet: 'mmx' } })).toThrow(
      /expected an instruction set of this processor \(.*\), got mmx$/,
    );
    expect(findNativeKernels('mmx')).toMatchObject({ kernels: undefined, reason: /not mmx$/ });
  });

  it('refuse an addon of another table', (ctx) => {
    const native = nativeOr(ctx);
    const path = join(folder, 'other-table.cjs');
    writeFileSync(path, `module.exports = { ...require(${JSON.stringify(native.path)}), table: 7 };`);
    expect(() => createWasmEngine({ native: { ...native, path } })).toThrow(
      /were built for another version of the engine\. Build them again$/,
    );
  });

  it('say which file cannot be loaded', () => {
    const path = join(folder, 'none.node');
    expect(() => createWasmEngine({ native: { path, instructionSet: 'avx2' } })).toThrow(
      new EngineUnavailableError(`engine-wasm: native kernels ${path} cannot be loaded`),
    );
  });
});

for (const set of state.kernels ? state.instructionSets : []) {
  const kernels = createWasmEngine({ native: findNativeKernels(set).kernels }).sampling as SamplingKernels;
  testSampling(set, kernels);

  describe(`sampling of ${set}`, () => {
    it('has no room for nothing', () => {
      expect(new DistinctSamples(3, 0, kernels).merge(Int32Array.of(1))).toBe(false);
    });

    it('refuses arrays that do not match', () => {
      const [words, out] = [new Uint32Array(5), new Int32Array(4)];
      expect(() => kernels.draw(words, new Uint32Array(3), new Int32Array(2), out)).toThrow(
        'draw: expected five words, an alias table and an Int32Array',
      );
      expect(() => kernels.merge(out, out, new Int32Array(2), new Float32Array(1))).toThrow(
        'merge: expected samples, places, and items and counts of one length',
      );
    });
  });
}
