import { describe, expect, it } from 'vitest';
import { nvidiaWheels, pinnedTensorFlow } from '../../src/set-up/pinned-wheels.ts';

describe('nvidiaWheels', () => {
  it('reads both spellings of a requirement and leaves the compiler out', () => {
    const metadata = [
      'Requires-Dist: numpy (<2.0.0,>=1.23.5)',
      "Requires-Dist: nvidia-cublas-cu12 (==12.2.5.6) ; extra == 'and-cuda'",
      'Requires-Dist: nvidia-nccl-cu12==2.99.1; extra == "and-cuda"',
      "Requires-Dist: nvidia-cuda-nvcc-cu12 (==12.2.140) ; extra == 'and-cuda'",
      "Requires-Dist: nvidia-other-cu12 (==1.0) ; extra == 'test'",
    ].join('\n');
    expect(nvidiaWheels(metadata)).toEqual([
      {
        name: 'nvidia-cublas-cu12',
        version: '12.2.5.6',
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      { name: 'nvidia-nccl-cu12', version: '2.99.1', sha256: undefined },
    ]);
  });
});

describe('pinnedTensorFlow', () => {
  it.each(['cpu', 'gpu'] as const)('has a hash for the %s', (device) => {
    expect(pinnedTensorFlow[device]).toMatchObject({
      version: '2.15.1',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });
});
