import { EngineUnavailableError } from '@gru4rec/program';
import { describe, expect, it, vi } from 'vitest';

describe('loadKernels', () => {
  it('refuses kernels that were built from another table', async () => {
    vi.resetModules();
    vi.doMock('../src/kernel-table.ts', async (original) => ({
      ...(await original<typeof import('../src/kernel-table.ts')>()),
      tableFingerprint: 0,
    }));
    const { loadKernels } = await import('../src/module.ts');
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
    vi.doMock('../src/module.ts', async (original) => ({
      ...(await original<typeof import('../src/module.ts')>()),
      hasSharedMemory: () => false,
    }));
    const fresh = await import('../src/index.ts');
    vi.doUnmock('../src/module.ts');
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
    vi.doMock('../src/module.ts', async (original) => ({
      ...(await original<typeof import('../src/module.ts')>()),
      hasRelaxedSimd: () => false,
    }));
    const fresh = await import('../src/index.ts');
    vi.doUnmock('../src/module.ts');
    expect(fresh.createWasmEngine({ threads: 1 }).relaxed).toBe(false);
    expect(() => fresh.createWasmEngine({ relaxed: true })).toThrow(/no relaxed SIMD/);
  });
});
