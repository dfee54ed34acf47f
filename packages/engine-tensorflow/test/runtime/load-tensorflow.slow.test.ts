import { EngineUnavailableError } from '@gru4rec/program';
import { describe, expect, it, vi } from 'vitest';
import { checkDevice, loadTensorFlow, probeRuntime } from '../../src/runtime/load-tensorflow.ts';
import { fakeModule, makeFolder, writePackage, writeRuntime, wrongModule } from './fake-runtime.ts';

// Each runtime is tried in a process.
const crash = 'process.kill(process.pid, "SIGSEGV"); setTimeout(() => {}, 10_000);';

describe('loadTensorFlow for a GPU', () => {
  it('uses the GPU runtime that sees a GPU', () => {
    const [project, cache] = [makeFolder(), makeFolder()];
    writePackage(project, { name: '@tensorflow/tfjs-node-gpu' });
    writeRuntime(cache, { gpu: true, module: fakeModule(true) });
    writeRuntime(cache, { module: fakeModule(true), version: '2.16.1' });
    const { tensorflow } = loadTensorFlow({ device: 'gpu', resolveFrom: project, folder: cache });
    expect(tensorflow.backend()).toHaveProperty('isUsingGpuDevice', true);
  });

  it('advises no set-up if a runtime works but sees no GPU', () => {
    const cache = makeFolder();
    const directory = writeRuntime(cache, { gpu: true });
    expect(() => loadTensorFlow({ device: 'gpu', folder: cache })).toThrow(
      new EngineUnavailableError(
        `No TensorFlow runtime computes on a GPU here: @tensorflow/tfjs-node 4.22.0 (set up in ${directory}): ` +
          'it loads, but sees no GPU; check nvidia-smi and docs/cuda.md.',
      ),
    );
  });
});

describe('checkDevice', () => {
  it('survives a library that crashes, and tries the next one', () => {
    const [project, cache] = [makeFolder(), makeFolder()];
    const directory = writePackage(project, { module: crash });
    const died = `@tensorflow/tfjs-node 4.22.0 (installed in ${directory}): it ended its process with SIGSEGV`;
    const places = { resolveFrom: project, folder: cache };
    expect(checkDevice('cpu', places)).toMatchObject({ works: false, problem: died, lacksRuntime: true });
    const working = writeRuntime(cache);
    expect(checkDevice('cpu', places)).toEqual({
      works: true,
      runtime: expect.objectContaining({ directory: working }),
      answer: { usesGpu: false, version: '4.22.0', tensorflowVersion: '2.15.1' },
    });
  });

  it('distinguishes a missing GPU from a missing runtime', () => {
    const cache = makeFolder();
    expect(checkDevice('gpu', { folder: cache })).toMatchObject({ works: false, lacksRuntime: true });
    writeRuntime(cache, { gpu: true });
    expect(checkDevice('gpu', { folder: cache })).toMatchObject({ works: false, lacksRuntime: false });
    writeRuntime(cache, { gpu: true, version: '2.16.1', module: fakeModule(true) });
    expect(checkDevice('gpu', { folder: cache })).toMatchObject({ works: true });
  });
});

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
});
