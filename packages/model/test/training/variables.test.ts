import { createWasmEngine } from '@gru4rec/engine-wasm';
import { evaluate } from '@gru4rec/metrics';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { RandomStream } from '@gru4rec/random';
import { expectClose } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import type { Gru4Rec } from '../../src/gru4rec.ts';
import { buildTrainProgram } from '../../src/programs/build-train-program.ts';
import { train } from '../../src/training/train.ts';
import { drawRows, initializeVariables } from '../../src/training/variables.ts';
import { tinyConfig, tinyData } from '../tiny-data.ts';

const ITEMS = 30;

function initialized(values: Record<string, unknown>) {
  const config = tinyConfig({ seed: 7, ...values });
  const runtime = createReferenceEngine().load([buildTrainProgram(config, ITEMS)]);
  initializeVariables(runtime, new Int32Array(ITEMS).fill(1), config);
  return runtime.variables
    .filter(({ kind }) => kind === 'parameter' || kind === 'table')
    .map((variable) => ({ ...variable, values: Array.from(runtime.read(variable.name)) }));
}

const isBias = (name: string): boolean => /(^|\.)[bc]\w$/.test(name);

/** Mean and standard deviation. */
function momentsOf(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}

describe('initializeVariables', () => {
  it.each([
    ['a constrained embedding', { layers: [12, 5] }],
    ['a layer of one unit', { layers: [1] }],
    ['an embedding of width one', { constrainedEmbedding: false, embedding: 1 }],
    ['one-hot input and two biases a gate', { constrainedEmbedding: false, layers: [4], gru: 'reset-after' }],
    ['an LSTM, whose forget gate has a bias of 0 as well', { cell: 'lstm', layers: [6] }],
    ['a simple recurrent unit', { cell: 'rnn', layers: [6] }],
  ])('draws matrices and tables in ±√(6 / (rows + columns)) and sets biases to 0: %s', (_name, values) => {
    for (const { name, rows, cols, values: drawn } of initialized(values)) {
      expect(drawn.every((x) => (x === 0) === isBias(name))).toBe(true);
      expect(Math.max(...drawn.map(Math.abs))).toBeLessThanOrEqual(Math.sqrt(6 / (rows + cols)));
    }
  });

  it('uses the uniform numbers of the variable’s own stream', () => {
    const table = initialized({ layers: [12] }).find(({ name }) => name === 'Wy');
    const random = new RandomStream(7, 'model.initialize.Wy');
    const bound = Math.sqrt(6 / (ITEMS + 12));
    expect(table?.values).toEqual(
      Array.from({ length: ITEMS * 12 }, () => Math.fround((2 * random.nextFloat() - 1) * bound)),
    );
  });

  it('draws all matrices and tables in ±sigma for any extents', () => {
    for (const { name, values } of initialized({ layers: [20], sigma: 0.3 })) {
      const { deviation } = momentsOf(values);
      expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(isBias(name) ? 0 : 0.3);
      // A uniform distribution in ±σ has the standard deviation σ / √3.
      if (!isBias(name)) expect(Math.abs(deviation / (0.3 / Math.sqrt(3)) - 1)).toBeLessThan(0.1);
    }
  });

  it('draws from the normal distribution with the standard deviation sigma', () => {
    const table = initialized({ layers: [100], sigma: 0.3, initAsNormal: true }).find((v) => v.name === 'Wy');
    const { values = [] } = table ?? {};
    const { mean, deviation } = momentsOf(values);
    // Four standard errors of 3,000 draws.
    expect(Math.abs(mean)).toBeLessThan((4 * 0.3) / Math.sqrt(3000));
    expect(Math.abs(deviation / 0.3 - 1)).toBeLessThan(4 / Math.sqrt(2 * 3000));
    // P(|x| > σ) = 0.3173 for a normal distribution, 0 for a uniform one in ±σ.
    expect(values.filter((x) => Math.abs(x) > 0.3).length / 3000).toBeCloseTo(0.3173, 1);
  });

  it('scales a normal distribution by √(6 / (rows + columns)) if sigma is 0', () => {
    const table = initialized({ layers: [100], initAsNormal: true }).find(({ name }) => name === 'Wy');
    const { deviation } = momentsOf(table?.values ?? []);
    expect(Math.abs(deviation / Math.sqrt(6 / 130) - 1)).toBeLessThan(4 / Math.sqrt(2 * 3000));
  });
});

describe('drawRows', () => {
  const uniform = { seed: 7, sigma: 0, initAsNormal: false };

  it('draws only the new rows, each from its own stream and scaled as the last row of a table', () => {
    const rows = drawRows('Wy', { rows: 60, cols: 10 }, 20, uniform);
    const drawn = Array.from({ length: 40 }, (_, at) => {
      const random = new RandomStream(7, `model.row.${20 + at}.Wy`);
      const bound = Math.sqrt(6 / (20 + at + 1 + 10));
      return Array.from({ length: 10 }, () => (2 * random.nextFloat() - 1) * bound);
    });
    expect(rows).toEqual(Float32Array.from(drawn.flat()));
  });

  it('uses sigma and the normal distribution like the first rows', () => {
    const shape = { rows: 60, cols: 100 };
    const flat = drawRows('layer0.Wr', shape, 20, { ...uniform, sigma: 0.1 });
    expect(Math.max(...flat.map(Math.abs))).toBeLessThanOrEqual(Math.fround(0.1));
    const normal = drawRows('layer0.Wr', shape, 20, { seed: 7, sigma: 0.1, initAsNormal: true });
    expect(Math.max(...normal.map(Math.abs))).toBeGreaterThan(0.2);
  });

  it('gives zeros for biases and nothing for an unchanged table', () => {
    expect(drawRows('by', { rows: 5, cols: 1 }, 2, uniform)).toEqual(new Float32Array(3));
    expect(drawRows('E', { rows: 5, cols: 4 }, 5, uniform).length).toBe(0);
  });
});

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
    const model = await train(data, config, { engine, monitor: heldOut });
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
