import { findNativeKernels } from '@gru4rec/engine-wasm/native';
import { createWasmEngine } from 'gru4rec';
import { describe, expect, it } from 'vitest';

describe('createWasmEngine', () => {
  it('runs the native kernels of this machine, if there are any', () => {
    const { instructionSet } = createWasmEngine({ threads: 1 });
    expect(instructionSet).toBe(findNativeKernels().kernels?.instructionSet);
  });

  it('runs WebAssembly if it is told so', () => {
    expect(createWasmEngine({ threads: 1, native: undefined }).instructionSet).toBeUndefined();
  });
});
