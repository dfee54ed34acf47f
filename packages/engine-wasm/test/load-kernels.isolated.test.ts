import { EngineUnavailableError } from '@gru4rec/program';
import { describe, expect, it, vi } from 'vitest';

describe('loadKernels', () => {
  it('refuses kernels that were built from another table', async () => {
    vi.resetModules();
    vi.doMock('../src/kernel-table.ts', async (original) => ({
      ...(await original<typeof import('../src/kernel-table.ts')>()),
      tableFingerprint: 0,
    }));
    const { loadKernels } = await import('../src/load-kernels.ts');
    vi.doUnmock('../src/kernel-table.ts');
    expect(() => loadKernels({ relaxed: false, shared: false })).toThrow(
      expect.objectContaining({
        name: EngineUnavailableError.name,
        message:
          'engine-wasm: wasm/kernels.wasm is of another version. Run `pnpm --filter @gru4rec/engine-wasm build:kernels`.',
      }),
    );
  });

  it('says how to build kernels that are missing', async () => {
    vi.resetModules();
    vi.doMock('node:fs', () => ({
      readFileSync: () => {
        throw new Error('ENOENT');
      },
    }));
    const fresh = await import('../src/index.ts');
    vi.doUnmock('node:fs');
    const text =
      'wasm/kernels-relaxed.wasm is missing. Run `pnpm --filter @gru4rec/engine-wasm build:kernels`.';
    expect(() => fresh.createWasmEngine()).toThrow(
      expect.objectContaining({ name: EngineUnavailableError.name, message: `engine-wasm: ${text}` }),
    );
  });

  it('says so if the runtime has no SIMD', async () => {
    vi.resetModules();
    vi.doMock('node:fs', () => ({ readFileSync: () => Uint8Array.of(1, 2, 3) }));
    const fresh = await import('../src/index.ts');
    vi.doUnmock('node:fs');
    expect(() => fresh.createWasmEngine()).toThrow(
      expect.objectContaining({
        name: EngineUnavailableError.name,
        message: 'engine-wasm: this runtime cannot compile WebAssembly with SIMD.',
        cause: expect.any(WebAssembly.CompileError),
      }),
    );
  });
});

describe('createWasmEngine', () => {
  it('uses one thread where memory cannot be shared, and says so where more are asked for', async () => {
    vi.resetModules();
    vi.doMock('../src/load-kernels.ts', async (original) => ({
      ...(await original<typeof import('../src/load-kernels.ts')>()),
      hasSharedMemory: () => false,
    }));
    const fresh = await import('../src/index.ts');
    vi.doUnmock('../src/load-kernels.ts');
    expect(fresh.createWasmEngine().threads).toBe(1);
    expect(() => fresh.createWasmEngine({ threads: 2 })).toThrow(
      expect.objectContaining({
        name: EngineUnavailableError.name,
        message: 'engine-wasm: this runtime cannot share memory. Use one thread.',
      }),
    );
  });

  it('uses the plain kernels without relaxed SIMD, and throws if it is required', async () => {
    vi.resetModules();
    vi.doMock('../src/platform.node.ts', async (original) => {
      const { platform } = await original<typeof import('../src/platform.node.ts')>();
      return { platform: { ...platform, hasRelaxedSimd: () => false } };
    });
    const fresh = await import('../src/index.ts');
    vi.doUnmock('../src/platform.node.ts');
    expect(fresh.createWasmEngine({ threads: 1 }).relaxed).toBe(false);
    expect(() => fresh.createWasmEngine({ relaxed: true })).toThrow(/no relaxed SIMD/);
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
