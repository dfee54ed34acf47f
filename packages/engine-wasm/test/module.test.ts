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
});
