import { EngineUnavailableError } from '@gru4rec/program';
import { describe, expect, it, vi } from 'vitest';

/** The engine with parts of a module in place of the original ones. */
async function engineWith<T extends object>(path: string, parts: (original: T) => object) {
  vi.resetModules();
  vi.doMock(path, async (original) => {
    const module = await original<T>();
    return { ...module, ...parts(module) };
  });
  const modules = { ...(await import('../src/index.ts')), ...(await import('../src/load-kernels.ts')) };
  vi.doUnmock(path);
  return modules;
}

const unavailable = (message: string, more = {}) =>
  expect.objectContaining({ name: EngineUnavailableError.name, message: `engine-wasm: ${message}`, ...more });

describe('loadKernels', () => {
  const remedy = 'Run `pnpm --filter @gru4rec/engine-wasm build:kernels`.';

  it('refuses kernels that were built from another table', async () => {
    const { loadKernels } = await engineWith('../src/kernel-table.ts', () => ({ tableFingerprint: 0 }));
    expect(() => loadKernels({ relaxed: false, shared: false })).toThrow(
      unavailable(`wasm/kernels.wasm is of another version. ${remedy}`),
    );
  });

  it('says how to build kernels that are missing', async () => {
    const readFileSync = () => {
      throw new Error('ENOENT');
    };
    const { createWasmEngine } = await engineWith('node:fs', () => ({ readFileSync }));
    expect(() => createWasmEngine()).toThrow(unavailable(`wasm/kernels-relaxed.wasm is missing. ${remedy}`));
  });

  it('says so if the runtime has no SIMD', async () => {
    const readFileSync = () => Uint8Array.of(1, 2, 3);
    const { createWasmEngine } = await engineWith('node:fs', () => ({ readFileSync }));
    const cause = expect.any(WebAssembly.CompileError);
    expect(() => createWasmEngine()).toThrow(
      unavailable('this runtime cannot compile WebAssembly with SIMD.', { cause }),
    );
  });
});

describe('createWasmEngine', () => {
  it('uses one thread where memory cannot be shared, and says so where more are asked for', async () => {
    const { createWasmEngine } = await engineWith('../src/load-kernels.ts', () => ({
      hasSharedMemory: () => false,
    }));
    expect(createWasmEngine().threads).toBe(1);
    expect(() => createWasmEngine({ threads: 2 })).toThrow(
      unavailable('this runtime cannot share memory. Use one thread.'),
    );
  });

  it('uses the plain kernels without relaxed SIMD, and throws if it is required', async () => {
    const { createWasmEngine } = await engineWith(
      '../src/platform.node.ts',
      ({ platform }: typeof import('../src/platform.node.ts')) => ({
        platform: { ...platform, hasRelaxedSimd: () => false },
      }),
    );
    expect(createWasmEngine({ threads: 1 }).relaxed).toBe(false);
    expect(() => createWasmEngine({ relaxed: true })).toThrow(/no relaxed SIMD/);
  });
});

describe('bindTo', () => {
  it('refuses memory that can grow, for native kernels', async () => {
    const { bindTo } = await import('../src/load-kernels.ts');
    const native = { parts: { native: { path: 'none', instructionSet: 'avx2' } }, shareBytes: () => 0 };
    const growing = new WebAssembly.Memory({ initial: 1, maximum: 2 });
    expect(() => bindTo(native, growing)).toThrow(
      'engine-wasm: native kernels expected memory that cannot grow',
    );
    const fixed = new WebAssembly.Memory({ initial: 1, maximum: 1 });
    expect(() => bindTo(native, fixed)).toThrow(/Cannot find module/);
  });
});
