import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { EngineUnavailableError, type Program, ProgramBuilder } from '@gru4rec/program';
import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { findNativeKernels } from '../../src/native/index.ts';
import { expectRanking, rankings } from './address-sanitizer/ranking.ts';

const folder = mkdtempSync(join(tmpdir(), 'gru4rec-native-'));
afterAll(() => rmSync(folder, { recursive: true }));

function nativeOr(ctx: TestContext, set?: string) {
  const state = findNativeKernels(set);
  return state.kernels ?? ctx.skip(state.reason);
}

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

const inputs = (fill: (i: number) => number) => ({
  x: Float32Array.from({ length: 35 }, (_, i) => fill(i)),
  w: Float32Array.from({ length: 30 }, (_, i) => Math.sin(i)),
});

describe('native kernels', () => {
  it('name the instruction set that they use', (ctx) => {
    const native = nativeOr(ctx);
    expect(createWasmEngine({ native }).instructionSet).toBe(native.instructionSet);
    expect(createWasmEngine().instructionSet).toBeUndefined();
  });

  it('give the same bits for the same steps, in each engine', (ctx) => {
    const native = nativeOr(ctx);
    const run = () => createWasmEngine({ native, threads: 2, threadsFrom: 0 }).load([mixed()]);
    const [a, b] = [run(), run()];
    for (let step = 0; step < 5; step++) {
      const given = inputs((i) => Math.cos(i * step));
      expect(a.run('mixed', given)).toEqual(b.run('mixed', given));
    }
  });

  it('let NaN and infinity through where WebAssembly does', (ctx) => {
    const native = nativeOr(ctx);
    const given = inputs((i) => [Number.NaN, Number.POSITIVE_INFINITY, -3, 0][i % 4] ?? 0);
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

  it.for([
    ['of another table', 'table: 7', /were built for another version of the engine\. Build them again$/],
  ] as const)('refuse an addon %s', ([name, change, message], ctx) => {
    const native = nativeOr(ctx);
    const path = join(folder, `${name.replaceAll(' ', '-')}.cjs`);
    writeFileSync(path, `module.exports = { ...require(${JSON.stringify(native.path)}), ${change} };`);
    expect(() => createWasmEngine({ native: { ...native, path } })).toThrow(message);
  });

  it('say which file cannot be loaded', () => {
    const path = join(folder, 'none.node');
    expect(() => createWasmEngine({ native: { path, instructionSet: 'avx2' } })).toThrow(
      new EngineUnavailableError(`engine-wasm: native kernels ${path} cannot be loaded`),
    );
  });
});

describe.each(['avx512', 'avx2', 'neon'])('native kernels of %s', (set) => {
  it.for(rankings)('rank as the reference engine does, %o', (size, ctx) => {
    expectRanking(createWasmEngine({ native: nativeOr(ctx, set), threads: 2, threadsFrom: 0 }), size);
  });
});
