import { describe, expect, it, vi } from 'vitest';
import { probeRuntime } from '../../src/runtime/probe-runtime.ts';
import { fakeModule, makeFolder, writePackage, wrongModule } from './fake-runtime.ts';

const probe = (module: string) => probeRuntime({ directory: writePackage(makeFolder(), { module }) });

describe('probeRuntime', () => {
  it('reports the versions and the device of a working runtime, even if it prints other lines', () => {
    const noisy = `console.log('{"product": 1}'); console.error('Error: none');${fakeModule(true)}`;
    expect(probe(noisy)).toEqual({
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
    ['a wrong product', wrongModule, /^it multiplied two matrices to 6,8,12,16, not 7,10,15,22$/],
  ])('reports %s', (_kind, module, problem) => {
    const probed = probe(module);
    expect(probed).toEqual({
      works: false,
      problem: typeof problem === 'string' ? problem : expect.stringMatching(problem),
    });
  });

  it.each([
    [undefined, '0'],
    ['1', '1'],
  ])('tries it without TF32 unless the user has it on (%s)', (given, seen) => {
    vi.stubEnv('NVIDIA_TF32_OVERRIDE', given);
    const module = fakeModule().replace("'2.15.1'", 'process.env.NVIDIA_TF32_OVERRIDE');
    expect(probe(module)).toMatchObject({ answer: { tensorflowVersion: seen } });
    vi.unstubAllEnvs();
  });

  it('does not try a runtime with a known problem', () => {
    const problem = 'it is half there';
    expect(probeRuntime({ directory: '', problem })).toEqual({ works: false, problem });
  });

  it('provides the function that Node 23 removed', () => {
    const module = `require('util').isNullOrUndefined(null);${fakeModule()}`;
    expect(probe(module)).toMatchObject({ works: true });
  });
});
