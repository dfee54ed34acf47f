import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { buildNativeKernels, findNativeKernels, NativeBuildError } from '../../src/native/index.ts';

it('buildNativeKernels rejects with one line where no compiler runs, without progress', async () => {
  const progress: string[] = [];
  const environment = { CC: '/nowhere/cc' };
  const built = buildNativeKernels({ environment, onProgress: (line) => progress.push(line) });
  await expect(built).rejects.toThrow(NativeBuildError);
  await expect(built).rejects.toThrow(/^Native kernels are not built: .* tried \/nowhere\/cc\. [^\n]*$/);
  expect(progress).toEqual([]);
});

it('buildNativeKernels needs no compiler while the kernels are up to date', async (ctx) => {
  const state = findNativeKernels();
  if (!state.kernels) return ctx.skip(state.reason);
  if (!dirname(state.kernels.path).includes('build')) return ctx.skip('they come from a prebuilt package');
  const built = await buildNativeKernels({ environment: { PATH: '' }, onProgress: () => {} });
  expect(built).toEqual({ ...state, compiled: false });
});
