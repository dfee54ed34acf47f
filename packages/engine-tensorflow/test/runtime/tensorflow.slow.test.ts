import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, type TestContext } from 'vitest';
import { checkDevice, loadTensorFlow } from '../../src/runtime/load-tensorflow.ts';

/** The cache folder of a real runtime, which `.ci/run` sets up. */
function folderOf(ctx: TestContext): string {
  const folder = process.env['GRU4REC_TENSORFLOW'];
  if (!folder) ctx.skip('no TensorFlow runtime: set one up and name its cache folder in GRU4REC_TENSORFLOW');
  return folder as string;
}

describe('a real TensorFlow runtime', () => {
  it('is found and multiplies in its own process', (ctx) => {
    const check = checkDevice('cpu', { folder: folderOf(ctx) });
    expect(check).toMatchObject({ works: true, answer: { version: '4.22.0' } });
  });

  it('loads into this process, holds tensors and releases them', (ctx) => {
    const folder = folderOf(ctx);
    process.env['TF_CPP_MIN_LOG_LEVEL'] = '3';
    const { tensorflow, tensorflowVersion, version } = loadTensorFlow({ device: 'cpu', folder });
    expect(version).toBe(tensorflow.version['tfjs-node']);
    expect(tensorflowVersion).toMatch(/^2\.\d+\.\d+/);
    const before = tensorflow.memory().numTensors;
    const tensor = tensorflow.tensor(Int32Array.of(1, 2, 3, 4), [2, 2], 'int32');
    expect(tensor.dataSync()).toEqual(Int32Array.of(1, 2, 3, 4));
    expect(tensor.shape).toEqual([2, 2]);
    tensor.dispose();
    expect(tensorflow.memory().numTensors).toBe(before);
  });

  it('writes nothing to standard error', (ctx) => {
    const check = checkDevice('cpu', { folder: folderOf(ctx) });
    if (!check.works) throw new Error(check.problem);
    const script = fileURLToPath(new URL('../../probe/multiply.cjs', import.meta.url));
    const { stderr } = spawnSync(process.execPath, [script, check.runtime.directory], { encoding: 'utf8' });
    expect(stderr).toBe('');
  });
});
