import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildFromWheel } from '../../src/set-up/build-from-wheel.ts';
import { makeFolder } from '../fake-runtime.ts';
import { fakeTools, tensorFlowFiles, wheel } from './fake-tools.ts';

const cudnn = wheel('nvidia', {
  'nvidia/cudnn/lib/libcudnn.so.8': 'cudnn',
  'nvidia/cudnn/include/cudnn.h': '// not needed',
});

async function build(files: typeof tensorFlowFiles) {
  const folder = makeFolder();
  const wheels = { tensorflow: wheel('tensorflow-2.16.1', files), 'nvidia-cudnn-cu12': cudnn };
  const result = join(folder, 'result');
  const built = await buildFromWheel(
    {
      gpu: true,
      version: '2.16.1',
      tools: fakeTools(folder, { wheels }),
      where: { folder: result, environment: process.env },
      scratch: join(folder, 'scratch'),
      onProgress: () => {},
    },
    36,
  );
  return { folder, built, deps: join(result, 'node_modules', '@tensorflow', 'tfjs-node', 'deps') };
}

describe('buildFromWheel for a GPU', () => {
  it('puts the CUDA libraries where TensorFlow looks for them', async () => {
    const { folder, built, deps } = await build(tensorFlowFiles);
    expect(Object.keys(built.wheels).map((name) => name.split('-py3')[0])).toEqual([
      'tensorflow-2.16.1',
      'nvidia-cudnn-cu12-8.9.9.9',
    ]);
    expect(readdirSync(join(deps, 'nvidia'), { recursive: true })).toEqual(
      expect.arrayContaining(['cudnn', join('cudnn', 'lib'), join('cudnn', 'lib', 'libcudnn.so.8')]),
    );
    expect(readdirSync(join(deps, 'nvidia', 'cudnn'))).toEqual(['lib']);
    expect(readdirSync(folder)).not.toContain('scratch');
  });

  it('refuses a version whose wheel requires no CUDA libraries', async () => {
    const files = { ...tensorFlowFiles, 'tensorflow-2.15.1.dist-info/METADATA': 'Name: tensorflow\n' };
    await expect(build(files)).rejects.toThrow(
      'tensorflow 2.16.1 expected CUDA libraries in its extra and-cuda, got none. Choose 2.15 or newer.',
    );
  });
});
