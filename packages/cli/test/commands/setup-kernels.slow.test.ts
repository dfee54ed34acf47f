import { spawnSync } from 'node:child_process';
import { findNativeKernels } from '@gru4rec/engine-wasm/native';
import { expect, it, vi } from 'vitest';
import { makeFolder, runHere } from '../run-trainer.ts';

it('trainer setup kernels compiles with the compiler of this machine', async (ctx) => {
  const compiler = ['cc', 'gcc', 'clang'].find((name) => spawnSync(name, ['--version']).status === 0);
  const state = findNativeKernels();
  if (compiler === undefined || !state.kernels)
    return ctx.skip('no C compiler, or no kernels for this processor');
  // Kernels are up to date in tests, and a named compiler compiles them again.
  vi.stubEnv('CC', compiler);
  const { code, stdout, stderr } = await runHere(makeFolder(), 'setup', 'kernels');
  vi.unstubAllEnvs();
  const sets = state.instructionSets.join(' and ');
  const { instructionSet, path } = state.kernels;
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `Native kernels for ${sets} are compiled, ${instructionSet} runs: ${path}\n`,
  });
  const all = process.arch === 'arm64' ? ['neon'] : ['avx2', 'avx512'];
  expect(stderr).toBe(all.map((set) => `Compiling kernels for ${set} with ${compiler}\n`).join(''));
});
