import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installFake } from '@gru4rec/test-support';
import { onTestFinished } from 'vitest';

/** A temporary folder, removed after the test. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-runtime-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Source of a module that imitates the used part of tfjs-node. */
export function fakeModule(usesGpu = false): string {
  return `
    const tensor = (values, shape) => ({ shape, dtype: 'float32', dataSync: () => values, dispose() {} });
    const matMul = (a, b) => {
      const [x, y] = [a.dataSync(), b.dataSync()];
      const cell = (row, col) => x[2 * row] * y[col] + x[2 * row + 1] * y[2 + col];
      return tensor(Float32Array.of(cell(0, 0), cell(0, 1), cell(1, 0), cell(1, 1)), [2, 2]);
    };
    const backend = () => ({ isUsingGpuDevice: ${usesGpu}, binding: { TF_Version: '2.15.1' } });
    module.exports = { version: { 'tfjs-node': '4.22.0' }, tensor, matMul, backend };
  `;
}

/** Writes a package that imitates tfjs-node into a project that depends on gru4rec. @returns its folder. */
export function writePackage(
  project: string,
  { name = '@tensorflow/tfjs-node', module = fakeModule() } = {},
): string {
  return installFake(project, name, module);
}

/** Writes a runtime as `setUpTensorFlow` writes it to a cache folder. @returns the folder of its package. */
export function writeRuntime(
  cache: string,
  {
    gpu = false,
    source = 'wheel',
    version = '2.15.1',
    module = fakeModule(),
    platform = `${process.platform}-${process.arch}`,
  } = {},
): string {
  const named = source === 'wheel' ? version : '4.22.0';
  const folder = join(cache, `tensorflow-${source}-${gpu ? 'gpu' : 'cpu'}-${named}-${platform}`);
  const directory = writePackage(folder, { module });
  const manifest = {
    format: 'gru4rec-tensorflow-runtime',
    formatVersion: 1,
    source,
    gpu,
    packageName: '@tensorflow/tfjs-node',
    version: '4.22.0',
    tensorflowVersion: version,
    platform,
    wheels: {},
    created: '2026-01-01T00:00:00.000Z',
  };
  writeFileSync(join(folder, 'runtime.json'), JSON.stringify(manifest));
  return directory;
}
