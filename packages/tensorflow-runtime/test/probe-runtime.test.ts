import { describe, expect, it, vi } from 'vitest';
import { probeRuntime, probeRuntimeSync } from '../src/probe-runtime.ts';
import type { RuntimeCandidate } from '../src/runtime-candidate.ts';
import { fakeModule, makeFolder, writePackage } from './fake-runtime.ts';

function candidate(module: string): RuntimeCandidate {
  const directory = writePackage(makeFolder(), { module });
  return {
    packageName: '@tensorflow/tfjs-node',
    directory,
    version: '4.22.0',
    gpu: false,
    origin: 'project',
  };
}

describe.each([
  ['probeRuntime', probeRuntime],
  ['probeRuntimeSync', probeRuntimeSync],
])('%s', (_name, probe) => {
  it('reports the versions and the device of a working runtime, even if it prints other lines', async () => {
    const noisy = `console.log('{"product": 1}'); console.error('Error: none');${fakeModule(true)}`;
    expect(await probe(candidate(noisy))).toEqual({
      works: true,
      answer: { usesGpu: true, version: '4.22.0', tensorflowVersion: '2.15.1' },
    });
  });

  it.each([
    ['an exception', 'throw new Error("no CUDA");', 'no CUDA'],
    ['a type error', 'undefined.x;', /^TypeError: Cannot read properties of undefined/],
    [
      'a crash',
      'process.kill(process.pid, "SIGILL"); setTimeout(() => {}, 9e3);',
      'it ended its process with SIGILL',
    ],
    ['an exit', 'process.exit(3);', 'it ended with exit code 3'],
    ['a quiet exit', 'process.exit(0);', 'it answered ""'],
    ['nothing that it needs', 'module.exports = {};', /^TypeError: tensorflow\.tensor is not a function$/],
    [
      'a wrong product',
      fakeModule().replace('x[2 * row] *', '0 *'),
      /^it multiplied two matrices to 6,8,12,16, not 7,10,15,22$/,
    ],
  ])('reports %s', async (_kind, module, problem) => {
    const probed = await probe(candidate(module));
    expect(probed).toEqual({
      works: false,
      problem: typeof problem === 'string' ? problem : expect.stringMatching(problem),
    });
  });

  it.each([
    [undefined, '0'],
    ['1', '1'],
  ])('tries it without TF32 unless the user has it on (%s)', async (given, seen) => {
    vi.stubEnv('NVIDIA_TF32_OVERRIDE', given);
    const module = fakeModule().replace("'2.15.1'", 'process.env.NVIDIA_TF32_OVERRIDE');
    expect(await probe(candidate(module))).toMatchObject({ answer: { tensorflowVersion: seen } });
    vi.unstubAllEnvs();
  });

  it('does not try a runtime with a known problem', async () => {
    const problem = 'it is half there';
    expect(await probe({ ...candidate(fakeModule()), problem })).toEqual({ works: false, problem });
  });

  it('provides the function that Node 23 removed', async () => {
    const module = `require('util').isNullOrUndefined(null);${fakeModule()}`;
    expect(await probe(candidate(module))).toMatchObject({ works: true });
  });
});
