import { mkdtempSync, rmSync } from 'node:fs';
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

/** Source of a module whose product is wrong. */
export const wrongModule = fakeModule().replace('x[2 * row] *', '0 *');

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
    version = '2.15.1',
    module = fakeModule(),
    platform = `${process.platform}-${process.arch}`,
  } = {},
): string {
  return writePackage(join(cache, `tensorflow-wheel-${gpu ? 'gpu' : 'cpu'}-${version}-${platform}`), {
    module,
  });
}
