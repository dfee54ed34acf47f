import { existsSync } from 'node:fs';
import { ProgramBuilder } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { createTensorFlowEngine } from '../src/index.ts';
import type { TensorFlowModule, TensorFlowTensor } from '../src/runtime/index.ts';
import { trainRows } from './train-rows.ts';

/** A fake tfjs-node that records its calls and returns zeros. */
class RecordingTensorFlow implements TensorFlowModule {
  readonly version = {};
  readonly folders: string[] = [];
  readonly feeds: (readonly string[])[] = [];
  live = 0;
  failsToRun = false;
  closed = 0;

  tensor(values: ArrayLike<number>, shape: readonly number[], dtype: string): TensorFlowTensor {
    this.live++;
    const dispose = () => {
      this.live--;
    };
    return { shape, dtype, dataSync: () => Float32Array.from(values), dispose };
  }

  memory() {
    return { numTensors: this.live };
  }

  backend(): ReturnType<TensorFlowModule['backend']> {
    return {
      getNumOfTFTensors: () => this.live,
      loadSavedModelMetaGraph: (path, tags) => {
        this.folders.push(`${path} ${tags} ${existsSync(`${path}/saved_model.pb`)}`);
        return 7;
      },
      deleteSavedModel: () => {
        this.closed++;
      },
      runSavedModel: (_id, _inputs, infos, outputs) => {
        this.feeds.push(infos.map(({ name, tfDtype }) => `${name} ${tfDtype}`));
        if (this.failsToRun) throw new Error('Session fails');
        return outputs.map(() => this.tensor([0], [1], 'float32'));
      },
    };
  }
}

describe('createTensorFlowEngine', () => {
  it('is named after its device', () => {
    const tensorflow = new RecordingTensorFlow();
    expect(createTensorFlowEngine({ tensorflow }).name).toBe('tensorflow');
    expect(createTensorFlowEngine({ tensorflow, device: 'gpu' }).name).toBe('cuda');
  });

  it('passes the graph in a folder that exists only while it is read', () => {
    const tensorflow = new RecordingTensorFlow();
    createTensorFlowEngine({ tensorflow }).load([trainRows()]);
    const [entry = ''] = tensorflow.folders;
    expect(entry).toMatch(/ serve true$/);
    expect(existsSync(entry.split(' ', 1)[0] ?? '')).toBe(false);
  });

  it('feeds one tensor per step, and frees every tensor, even if the session fails', () => {
    const tensorflow = new RecordingTensorFlow();
    const runtime = createTensorFlowEngine({ tensorflow }).load([trainRows()]);
    runtime.run('train', { items: Int32Array.of(1, 2) });
    expect(tensorflow.feeds.at(-1)).toEqual(['train/Placeholder:0 DT_INT32']);
    tensorflow.failsToRun = true;
    expect(() => runtime.run('train', { items: Int32Array.of(1, 2) })).toThrow('Session fails');
    expect(tensorflow.live).toBe(0);
  });

  it('closes the session if its variables cannot be set to zero', () => {
    const tensorflow = new RecordingTensorFlow();
    tensorflow.failsToRun = true;
    expect(() => createTensorFlowEngine({ tensorflow }).load([trainRows()])).toThrow('Session fails');
    expect([tensorflow.closed, tensorflow.live]).toEqual([1, 0]);
  });

  it('names an index outside its table before it runs anything', () => {
    const runtime = createTensorFlowEngine({ tensorflow: new RecordingTensorFlow() }).load([trainRows()]);
    expect(() => runtime.run('train', { items: Int32Array.of(1, 50) })).toThrow(
      'run: "items"[1] expected an index below 50, or −1 for none, got 50',
    );
    expect(() => runtime.run('train', { items: Int32Array.of(-2, 0) })).toThrow('got -2');
  });

  it('fetches a value even if a program has no output', () => {
    const tensorflow = new RecordingTensorFlow();
    const b = new ProgramBuilder('keep');
    b.variable('state', 'state', 1, 2);
    b.assign('state', b.constant(1, 1, 2));
    expect(createTensorFlowEngine({ tensorflow }).load([b.build()]).run('keep', {})).toEqual({});
    expect(tensorflow.feeds.at(-1)).toEqual([]);
  });
});
