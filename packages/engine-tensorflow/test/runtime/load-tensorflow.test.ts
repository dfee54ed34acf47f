import { createRequire } from 'node:module';
import { join } from 'node:path';
import util from 'node:util';
import { EngineUnavailableError } from '@gru4rec/program';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadRuntime, loadTensorFlow, prepareEnvironment } from '../../src/runtime/load-tensorflow.ts';
import { fakeModule, makeFolder, writePackage, writeRuntime } from './fake-runtime.ts';

const broken = (text: string) => `throw new Error(${JSON.stringify(text)});`;
const noLibrary = broken('libtensorflow.so.2: cannot open shared object file: No such file\nmore');

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
