import { createRequire } from 'node:module';
import { join } from 'node:path';
import util from 'node:util';
import { EngineUnavailableError } from '@gru4rec/program';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  checkDevice,
  loadRuntime,
  loadTensorFlow,
  prepareEnvironment,
  probeRuntime,
} from '../../src/runtime/load-tensorflow.ts';
import { fakeModule, makeFolder, writePackage, writeRuntime, wrongModule } from './fake-runtime.ts';

const broken = (text: string) => `throw new Error(${JSON.stringify(text)});`;
const noLibrary = broken('libtensorflow.so.2: cannot open shared object file: No such file\nmore');
const crash = 'process.kill(process.pid, "SIGSEGV"); setTimeout(() => {}, 10_000);';

describe('loadTensorFlow', () => {
  it('loads what the project installed, and computes', () => {
    const project = makeFolder();
    writePackage(project);
    const { tensorflow, ...facts } = loadTensorFlow({ device: 'cpu', resolveFrom: project });
    expect(facts).toEqual({ version: '4.22.0', tensorflowVersion: '2.15.1' });
    expect(tensorflow.tensor(Float32Array.of(3), [1], 'float32').dataSync()).toEqual(Float32Array.of(3));
  });

  it('passes over a runtime whose library does not load', () => {
    const [project, cache] = [makeFolder(), makeFolder()];
    writePackage(project, { module: noLibrary });
    writeRuntime(cache);
    const loaded = loadTensorFlow({ device: 'cpu', resolveFrom: project, folder: cache });
    expect(loaded.tensorflow.version).toEqual({ 'tfjs-node': '4.22.0' });
  });

  it('uses a GPU runtime for the CPU if there is no other', () => {
    const cache = makeFolder();
    writeRuntime(cache, { gpu: true });
    expect(loadTensorFlow({ device: 'cpu', folder: cache }).version).toBe('4.22.0');
  });

  it('uses the GPU runtime that sees a GPU', () => {
    const [project, cache] = [makeFolder(), makeFolder()];
    writePackage(project, { name: '@tensorflow/tfjs-node-gpu' });
    writeRuntime(cache, { gpu: true, module: fakeModule(true) });
    writeRuntime(cache, { module: fakeModule(true), version: '2.16.1' });
    const { tensorflow } = loadTensorFlow({ device: 'gpu', resolveFrom: project, folder: cache });
    expect(tensorflow.backend()).toHaveProperty('isUsingGpuDevice', true);
  });

  it('names every runtime that was tried, why it failed, and what to do', () => {
    const [project, cache] = [makeFolder(), makeFolder()];
    const [first, second] = [
      writePackage(project, { module: noLibrary }),
      writeRuntime(cache, { module: noLibrary }),
    ];
    const why = 'libtensorflow.so.2: cannot open shared object file: No such file';
    expect(() => loadTensorFlow({ device: 'cpu', resolveFrom: project, folder: cache })).toThrow(
      new EngineUnavailableError(
        `No TensorFlow runtime computes on the CPU here: @tensorflow/tfjs-node 4.22.0 (installed in ${first}): ${why}; ` +
          `@tensorflow/tfjs-node 4.22.0 (set up in ${second}): ${why}. ` +
          'Set one up with npx gru4rec setup tensorflow, or npm install @tensorflow/tfjs-node beside gru4rec.',
      ),
    );
  });

  it('says where it looked if it found none', () => {
    const [project, cache] = [makeFolder(), makeFolder()];
    expect(() => loadTensorFlow({ device: 'gpu', resolveFrom: project, folder: cache })).toThrow(
      new EngineUnavailableError(
        `No TensorFlow runtime computes on a GPU here: none is installed beside gru4rec or in a project at ${project} ` +
          `that depends on it or set up in ${cache}. ` +
          'Set one up with npx gru4rec setup tensorflow --gpu, or npm install @tensorflow/tfjs-node-gpu beside gru4rec.',
      ),
    );
    expect(() => loadTensorFlow({ device: 'cpu' })).toThrow('here: none is installed beside gru4rec.');
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

  it('restores the function that Node 23 removed', () => {
    const project = makeFolder();
    writePackage(project, {
      module: `require('util').isNullOrUndefined(1) || (${'() => {'}${fakeModule()}${'}'})();`,
    });
    const removed = Object.getOwnPropertyDescriptor(util, 'isNullOrUndefined');
    Reflect.deleteProperty(util, 'isNullOrUndefined');
    try {
      expect(loadTensorFlow({ device: 'cpu', resolveFrom: project }).version).toBe('4.22.0');
    } finally {
      if (removed) Object.defineProperty(util, 'isNullOrUndefined', removed);
    }
  });

  it('does not load a second library into a process', () => {
    const [first, second] = [makeFolder(), makeFolder()];
    const module = `require.cache[require('path').join(__dirname, 'tfjs_binding.node')] = module; ${fakeModule()}`;
    const addon = join(writePackage(first, { module }), 'tfjs_binding.node');
    onTestFinished(() => void delete createRequire(import.meta.url).cache[addon]);
    writePackage(second, { module });
    loadTensorFlow({ device: 'cpu', resolveFrom: first });
    expect(loadTensorFlow({ device: 'cpu', resolveFrom: first }).version).toBe('4.22.0');
    expect(() => loadTensorFlow({ device: 'cpu', resolveFrom: second })).toThrow(
      /this process has loaded .*tfjs_binding\.node already/,
    );
  });

  it('refuses a candidate with a problem', () => {
    const [packageName, directory] = ['unknown', join(makeFolder(), 'none')];
    const candidate = { packageName, directory, version: 'unknown', gpu: false, origin: 'set-up' as const };
    expect(() => loadRuntime({ ...candidate, problem: 'it is half there' })).toThrow(
      new EngineUnavailableError(`unknown unknown (set up in ${directory}): it is half there`),
    );
  });
});

describe('prepareEnvironment', () => {
  it.each([
    [1, '1'],
    [3, '1'],
    [16, '8'],
  ])('gives an op half of %d cores, one at least, and float32 without TF32', (cores, threads) => {
    const environment: Record<string, string | undefined> = {};
    prepareEnvironment(environment, cores);
    expect(environment).toEqual({
      TF_CPP_MIN_LOG_LEVEL: '3',
      TF_NUM_INTRAOP_THREADS: threads,
      NVIDIA_TF32_OVERRIDE: '0',
    });
  });

  it('keeps variables that the user has set', () => {
    const set = { TF_CPP_MIN_LOG_LEVEL: '0', TF_NUM_INTRAOP_THREADS: '7', NVIDIA_TF32_OVERRIDE: '1' };
    const environment = { ...set };
    prepareEnvironment(environment, 2);
    expect(environment).toEqual(set);
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
    ['a type error', 'undefined.x;', /^TypeError: Cannot read properties of undefined/],
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
