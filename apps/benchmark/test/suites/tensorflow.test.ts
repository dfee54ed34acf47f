import type { TensorFlowModule, TensorFlowTensor } from '@gru4rec/tensorflow-runtime';
import { describe, expect, it } from 'vitest';
import { measureTensorFlow } from '../../src/suites/tensorflow.ts';

/** A TensorFlow that takes every graph but the second, and answers 1 to all calls. @returns it, and graphs it holds. */
function withRoomForOne() {
  const open = new Set<number>();
  let asked = 0;
  const tensor = (): TensorFlowTensor => ({
    shape: [1],
    dtype: 'float32',
    dataSync: () => Float32Array.of(1),
    dispose() {},
  });
  const tensorflow: TensorFlowModule = {
    version: {},
    tensor,
    memory: () => ({ numTensors: 0 }),
    backend: () => ({
      isUsingGpuDevice: true,
      loadSavedModelMetaGraph() {
        if (++asked === 2) throw new Error('no room for a second graph');
        open.add(asked);
        return asked;
      },
      runSavedModel: (_id, _inputs, _infos, names) => names.map(tensor),
      deleteSavedModel: (id) => void open.delete(id),
      getNumOfTFTensors: () => 0,
    }),
  };
  return { tensorflow, open, asked: () => asked };
}

describe('measureTensorFlow', () => {
  it('frees loaded graphs if a later one does not load', async () => {
    const { tensorflow, open, asked } = withRoomForOne();
    const versions = { version: '4.22.0', tensorflowVersion: '2.15.1' };
    const options = { seconds: 0.01, rounds: 1, engine: { threads: 1 }, only: /^cross-entropy/ };
    const measuring = measureTensorFlow(options, 'gpu', { tensorflow, ...versions });
    await expect(measuring).rejects.toThrow('no room for a second graph');
    expect([asked(), open.size]).toEqual([2, 0]);
  });
});
