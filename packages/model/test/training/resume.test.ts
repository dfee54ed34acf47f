import { createWasmEngine } from '@gru4rec/engine-wasm';
import type { Engine } from '@gru4rec/program';
import { expectClose } from '@gru4rec/test-support';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { TrainingStopped } from '../../src/training/checkpointer.ts';
import type { TrainOptions } from '../../src/training/train-options.ts';
import type { TrainingSnapshot } from '../../src/training/training-snapshot.ts';
import { engines, reference, timeless, tinyConfig, tinyData, trainTiny, trainWatched } from '../tiny-data.ts';

/** Resumes from the first and the last snapshot, and from those around the end of the first epoch. */
async function expectSame(values: object, options: Partial<TrainOptions> = {}): Promise<void> {
  const plain = await trainTiny(values, options);
  const { model, snapshots } = await trainWatched(tinyData(), values, options, 5);
  expect(model.tensors).toEqual(plain.tensors);
  const second = snapshots.findIndex((s) => s.epoch.epoch > (snapshots[0]?.epoch.epoch ?? 0));
  const places = new Set([0, second - 1, second, snapshots.length - 1]);
  for (const place of places) {
    const resume = snapshots[place];
    if (!resume) throw new RangeError(`no snapshot ${place} of ${snapshots.length}`);
    const resumed = await trainTiny(values, { ...options, resume });
    expect(resumed.tensors).toEqual(plain.tensors);
    expect(timeless(resumed.history)).toEqual(timeless(plain.history));
  }
}

const everything = { layers: [9, 7], dropoutPHidden: 0.2, momentum: 0.2, sessionOrder: 'shuffled' };

describe('train with resume', () => {
  it.each([
    ['warm-up and decay', { warmupSteps: 30, learningRateDecay: 'linear' }],
    ['LSTM, no samples', { cell: 'lstm', nSample: 0, sessionOrder: 'shuffled' }],
    ['all items, adadelta', { nSample: 'all', optimizer: 'adadelta', learningRate: 1 }],
    ['equal samples merged, logQ', { nSample: 60, logq: 1 }],
    ['hard negatives', { nSample: 60, hardNegatives: 8 }],
    ['a separate input table, rmsprop', { constrainedEmbedding: false, embedding: 5, optimizer: 'rmsprop' }],
  ])('ends with the bits of an uninterrupted run: %s', async (_name, values) => {
    await expectSame(values);
  });

  it.each<readonly [string, Engine]>([
    ...engines,
    ['wasm, two threads', createWasmEngine({ threads: 2, threadsFrom: 0 })],
  ])('does so on the engine %s', async (_name, other) => {
    await expectSame({ ...everything, averageDecay: 0.5 }, { engine: other });
    // The steps of adam are counted.
    await expectSame({ optimizer: 'adam', resetAfterSession: false, learningRate: 0.01 }, { engine: other });
  });

  it('continues a run of wasm on the reference', async () => {
    const values = { ...everything, nEpochs: 3 };
    const { model, snapshots } = await trainWatched(tinyData(), values, {}, 20);
    const resumed = await trainTiny(values, { engine: reference, resume: snapshots[1] });
    for (const [index, { values: expected }] of model.tensors.entries())
      expectClose(resumed.tensors[index]?.values ?? [], expected, { relative: 2e-3, absolute: 2e-4 });
  });

  it('does so with patience', async () => {
    const restless = { learningRate: 0.5, nEpochs: 12, patience: 2, layers: [6] };
    await expectSame({ ...restless, averageDecay: 0.5 }, { validation: tinyData(9).train });
  });

  it.each([0, 0.5])(
    'continues after a stop within a validation, which is then repeated: averageDecay %d',
    async (averageDecay) => {
      const config = tinyConfig({ learningRate: 0.5, nEpochs: 4, patience: 2, layers: [6], averageDecay });
      const validation = tinyData(9).train;
      const plain = await trainTiny(config, { validation });
      const stop = new AbortController();
      const now = vi.spyOn(performance, 'now');
      onTestFinished(() => now.mockRestore());
      const snapshots: TrainingSnapshot[] = [];
      const save = async (snapshot: TrainingSnapshot) => void snapshots.push(snapshot);
      const options: Partial<TrainOptions> = {
        validation,
        signal: stop.signal,
        checkpoint: { every: {}, save },
        // From here on, every reading of the clock is a second later, so the loop yields after each step.
        onEpoch() {
          let ms = performance.now();
          now.mockImplementation(() => (ms += 1000));
        },
        // The next yield is after this step, the one after it within the validation.
        onStep({ events, eventsPerEpoch }) {
          if (events === eventsPerEpoch) setImmediate(() => setImmediate(() => stop.abort('SIGTERM')));
        },
      };
      await expect(trainTiny(config, options)).rejects.toThrow(TrainingStopped);
      const [resume] = snapshots;
      expect(resume?.history).toHaveLength(1);
      const resumed = await trainTiny(config, { validation, resume });
      expect(resumed.tensors).toEqual(plain.tensors);
      expect(timeless(resumed.history)).toEqual(timeless(plain.history));
    },
  );

  it('does so where training continues a model', async () => {
    const from = await trainTiny(everything);
    await expectSame(everything, { from });
  });

  it.each(['state', 'slot', 'parameter', 'table'])('needs every %s', async (kind) => {
    const plain = await trainTiny();
    const {
      snapshots: [snapshot],
    } = await trainWatched(tinyData(), {});
    const zeroed = snapshot.tensors.map((t) =>
      t.kind === kind ? { ...t, values: new Float32Array(t.values.length) } : t,
    );
    const resumed = await trainTiny({}, { resume: { ...snapshot, tensors: zeroed } });
    expect(resumed.tensors).not.toEqual(plain.tensors);
  });

  it('refuses a snapshot that lacks a tensor, or has it in another shape', async () => {
    const {
      snapshots: [snapshot],
    } = await trainWatched(tinyData(), {});
    const tensors = snapshot.tensors.filter((t) => t.name !== 'Wy');
    const resumed = (given: typeof tensors) => trainTiny({}, { resume: { ...snapshot, tensors: given } });
    await expect(resumed(tensors)).rejects.toThrow('"resume" expected "Wy" [30, 12], got none. Train from');
    const flat = snapshot.tensors.map((t) => (t.name === 'Wy' ? { ...t, rows: 12, cols: 30 } : t));
    await expect(resumed(flat)).rejects.toThrow('"resume" expected "Wy" [30, 12], got [12, 30]. Train from');
  });
});

describe('train with checkpoint', () => {
  it('waits until a snapshot is saved', async () => {
    const saving: string[] = [];
    const save = async (): Promise<void> => {
      saving.push('begun');
      await new Promise((resolve) => setTimeout(resolve, 2));
      saving.push('done');
    };
    await trainTiny({ nEpochs: 1 }, { checkpoint: { every: { steps: 9 }, save } });
    expect(saving).toEqual(saving.map((_, i) => (i % 2 === 0 ? 'begun' : 'done')));
    expect(saving.length).toBeGreaterThan(2);
  });

  it('rejects with an error of saving', async () => {
    const save = () => Promise.reject(new Error('disk full'));
    const run = trainTiny({}, { checkpoint: { every: { steps: 2 }, save } });
    await expect(run).rejects.toThrow('disk full');
  });
});

describe('train with signal', () => {
  it('stops between two steps, saves a snapshot and reports the position', async () => {
    const snapshots: TrainingSnapshot[] = [];
    const stop = new AbortController();
    const save = async (snapshot: TrainingSnapshot): Promise<void> => {
      snapshots.push(snapshot);
      if (snapshot.steps === 8) stop.abort('enough');
    };
    const options = { signal: stop.signal, checkpoint: { every: { steps: 4 }, save } };
    const error = await trainTiny({}, options).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(TrainingStopped);
    expect(error).toMatchObject({ epoch: 1, step: 8, cause: 'enough' });
    expect((error as Error).message).toBe('train: stopped in epoch 1, after step 8 of it');
    expect(snapshots.map((s) => s.steps)).toEqual([4, 8]);
    const plain = await trainTiny();
    const resumed = await trainTiny({}, { resume: snapshots[1] });
    expect(resumed.tensors).toEqual(plain.tensors);
  });
});
