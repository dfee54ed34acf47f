import { createWasmEngine } from '@gru4rec/engine-wasm';
import { expectAgreement, poison, randomProgram } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { findNativeKernels } from '../../src/native/index.ts';

const PROGRAMS = 240;

const state = findNativeKernels();
const instructionSets = state.kernels ? state.instructionSets : [];

describe('native kernels', () => {
  if (!state.kernels) {
    it('agree with the reference engine on random programs', (ctx) => ctx.skip(state.reason));
  }

  it.each(
    instructionSets.flatMap((set) => [
      { set, threads: 1 },
      { set, threads: 3, threadsFrom: 0 },
    ]),
  )(
    'agree with the reference engine on random programs, whatever the memory contains: %o',
    ({ set, ...options }) => {
      const native = findNativeKernels(set).kernels;
      const engine = createWasmEngine({ ...options, native });
      for (let seed = 0; seed < PROGRAMS; seed++) {
        const made = randomProgram(seed);
        const runtime = engine.load([made.program]);
        poison(runtime, made);
        expectAgreement(runtime, made);
        runtime.dispose();
      }
      expect(engine.instructionSet).toBe(set);
    },
  );
});
