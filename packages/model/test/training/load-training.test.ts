import { createWasmEngine } from '@gru4rec/engine-wasm';
import { describe, expect, it } from 'vitest';
import { Gru4Rec } from '../../src/gru4rec.ts';
import { trainingSteps } from '../../src/training/load-training.ts';
import { train } from '../../src/training/train.ts';
import { tinyConfig, tinyData } from '../tiny-data.ts';

const engine = createWasmEngine({ threads: 1 });
const repeatOf = ({ tensors }: Gru4Rec) => tensors.filter(({ name }) => name.startsWith('repeat.'));

describe('trainingSteps', () => {
  it.each([
    ['constant', { optimizer: 'adagrad', momentum: 0.5, lmbd: 0.1 }],
    ['gated', { optimizer: 'adam', learningRate: 0.01 }],
    ['gated', { nSample: 60 }],
  ])('learn a repeat bias in the first epoch, and keep it: %s, %j', async (repeatBias, values) => {
    const run = (nEpochs: number) =>
      train(tinyData(), tinyConfig({ repeatBias, repeatLength: 3, ...values, nEpochs }), { engine });
    const [one, three] = [await run(1), await run(3)];
    expect(repeatOf(three)).toEqual(repeatOf(one));
    expect(Math.max(...(repeatOf(one)[0]?.values ?? []).map(Math.abs))).toBeGreaterThan(0.01);
    expect(three.tensors.find(({ name }) => name === 'Wy')).not.toEqual(
      one.tensors.find(({ name }) => name === 'Wy'),
    );
  });

  it('keep it in a continued run, which counts epochs on', async () => {
    const config = tinyConfig({ repeatBias: 'constant', nEpochs: 1 });
    const whole = await train(tinyData(), { ...config, nEpochs: 2 }, { engine });
    const one = await train(tinyData(), config, { engine });
    const two = await train(tinyData(), config, { engine, from: one });
    expect(two.tensors).toEqual(whole.tensors);
    expect(repeatOf(two)).toEqual(repeatOf(one));
  });

  it('keep it where the model has no history of epochs, as one for the web or from safetensors', async () => {
    const config = tinyConfig({ repeatBias: 'gated', repeatLength: 3, nEpochs: 1 });
    const { itemIds, tensors } = await train(tinyData(), config, { engine });
    const from = new Gru4Rec({ config, engine, itemIds, tensors, history: [] });
    const further = await train(tinyData(), config, { engine, from });
    expect(repeatOf(further)).toEqual(repeatOf(from));
    expect(further.tensors).not.toEqual(tensors);
    const none = { ...config, repeatBias: 'none' as const };
    const plain = await train(tinyData(), none, {
      engine,
      from: new Gru4Rec({ config: none, engine, itemIds, tensors, history: [] }),
    });
    expect(further.tensors.filter(({ name }) => !name.startsWith('repeat.'))).toEqual(plain.tensors);
  });

  it('are one kind of step without a repeat bias', () => {
    const names = (repeatBias: string) =>
      trainingSteps({ config: tinyConfig({ repeatBias }), itemCount: 5, mergers: [] }).programs.map(
        ({ name }) => name,
      );
    expect(names('none')).toEqual(['train']);
    expect(names('constant')).toEqual(['train', 'train-later']);
  });
});
