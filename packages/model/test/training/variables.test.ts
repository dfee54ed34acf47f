import { createReferenceEngine } from '@gru4rec/engine-reference';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { evaluate } from '@gru4rec/metrics';
import { expectClose } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import type { Gru4Rec } from '../../src/gru4rec.ts';
import { train } from '../../src/training/train.ts';
import { tinyConfig, tinyData } from '../tiny-data.ts';

const engine = createWasmEngine({ threads: 1 });
const data = tinyData();
const heldOut = tinyData(9).train;
const values = { nEpochs: 3, momentum: 0.2, layers: [7, 5], dropoutPHidden: 0.1 };

const isSlot = ({ kind }: { kind: string }) => kind === 'slot';
const slotsOf = (model: Gru4Rec) => model.tensors.filter(isSlot);
const parametersOf = (model: Gru4Rec) => model.tensors.filter((tensor) => !isSlot(tensor));

/** The model after each epoch of a run that averages nothing. */
async function afterEachEpoch(on = engine as ReturnType<typeof createReferenceEngine>): Promise<Gru4Rec[]> {
  const models: Gru4Rec[] = [];
  for (let epoch = 1; epoch <= values.nEpochs; epoch++) {
    models.push(await train(data, tinyConfig({ ...values, nEpochs: epoch }), { engine: on }));
  }
  return models;
}

describe('train with averageDecay', () => {
  it.each([
    ['wasm', engine],
    ['reference', createReferenceEngine()],
  ])('gives the weighted mean of the parameters at the ends of the epochs, on %s', async (_name, on) => {
    const beta = 0.6;
    const epochs = await afterEachEpoch(on);
    const model = await train(data, tinyConfig({ ...values, averageDecay: beta }), { engine: on });
    const weights = [beta ** 2, beta, 1].map((weight) => weight / (beta ** 2 + beta + 1));
    for (const [t, { name, values: got }] of parametersOf(model).entries()) {
      const ends = epochs.map((epoch) => parametersOf(epoch)[t]?.values ?? []);
      const expected = Array.from(got, (_, i) =>
        weights.reduce((sum, weight, epoch) => sum + weight * Number(ends[epoch]?.[i]), 0),
      );
      expectClose(got, expected, { relative: 1e-5, absolute: 1e-6, name });
    }
    expect(slotsOf(model)).toEqual(slotsOf(epochs.at(-1) as Gru4Rec));
    expect(model.history.map(({ loss }) => loss)).toEqual(epochs.at(-1)?.history.map(({ loss }) => loss));
  });

  it('averages nothing by default', async () => {
    const plain = await train(data, tinyConfig(values), { engine });
    const zero = await train(data, tinyConfig({ ...values, averageDecay: 0 }), { engine });
    const averaged = await train(data, tinyConfig({ ...values, averageDecay: 0.5 }), { engine });
    expect(zero.tensors).toEqual(plain.tensors);
    expect(parametersOf(averaged)).not.toEqual(parametersOf(plain));
  });

  it('measures the average', async () => {
    const config = tinyConfig({ ...values, averageDecay: 0.8 });
    const plain = await train(data, config, { engine });
    const model = await train(data, config, { engine, monitor: { sessions: heldOut } });
    expect(model.tensors).toEqual(plain.tensors);
    const [result] = evaluate(model.scorer(), heldOut, { cutoffs: [20] }).results;
    expect(model.history.at(-1)?.validation?.mrr).toBeCloseTo(Number(result?.mrr), 6);
  });

  it('keeps the average of the best epoch with patience', async () => {
    const config = { averageDecay: 0.7, learningRate: 0.5, nEpochs: 40, patience: 2 };
    const model = await train(data, tinyConfig(config), { engine, validation: heldOut });
    const kept = model.history.find((record) => record.kept);
    expect(model.history).toHaveLength(Number(kept?.epoch) + 2);
    const [result] = evaluate(model.scorer(), heldOut, { cutoffs: [20] }).results;
    expect(kept?.validation?.recall).toBeCloseTo(Number(result?.recall), 6);
    const short = await train(data, tinyConfig({ ...config, nEpochs: kept?.epoch, patience: 0 }), { engine });
    expect(model.tensors).toEqual(short.tensors);
  });

  it('continues from the average, and begins a new one', async () => {
    const from = await train(data, tinyConfig({ ...values, averageDecay: 0.5 }), { engine });
    const more = { ...values, nEpochs: 1 };
    const averaged = await train(data, tinyConfig({ ...more, averageDecay: 0.5 }), { engine, from });
    const plain = await train(data, tinyConfig(more), { engine, from });
    expect(averaged.tensors).toEqual(plain.tensors);
  });
});
