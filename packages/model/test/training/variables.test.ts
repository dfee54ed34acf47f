import { evaluate } from '@gru4rec/metrics';
import type { Engine } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { expectClose } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import type { Gru4Rec } from '../../src/gru4rec.ts';
import { buildTrainProgram } from '../../src/programs/build-train-program.ts';
import { drawRows, initializeVariables } from '../../src/training/variables.ts';
import { engines, reference, tinyConfig, tinyData, trainOn } from '../tiny-data.ts';

const ITEMS = 30;

function initialized(values: Record<string, unknown>) {
  const config = tinyConfig({ seed: 7, ...values });
  const runtime = reference.load([buildTrainProgram(config, ITEMS)]);
  initializeVariables(runtime, new Int32Array(ITEMS).fill(1), config);
  return runtime.variables
    .filter(({ kind }) => kind === 'parameter' || kind === 'table')
    .map((variable) => ({ ...variable, values: Array.from(runtime.read(variable.name)) }));
}

const isBias = (name: string): boolean => /(^|\.)[bc]\w$/.test(name);

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

  it.each([
    [{}, Math.sqrt(6 / (ITEMS + 12))],
    [{ sigma: 0.3 }, 0.3],
    [{ initAsNormal: true }, Math.sqrt(6 / (ITEMS + 12))],
    [{ sigma: 0.3, initAsNormal: true }, 0.3],
  ])('uses the numbers of the variable’s own stream: %j', (values, sigma) => {
    const table = initialized(values).find(({ name }) => name === 'Wy');
    const random = new RandomStream(7, 'model.initialize.Wy');
    const next = () => ('initAsNormal' in values ? random.nextNormal() : 2 * random.nextFloat() - 1);
    expect(table?.values).toEqual(Array.from({ length: ITEMS * 12 }, () => Math.fround(next() * sigma)));
  });
});

describe('drawRows', () => {
  const uniform = { seed: 7, sigma: 0, initAsNormal: false };

  it.each([false, true])('draws the new rows, each from its own stream, normal %s', (initAsNormal) => {
    const rows = drawRows('Wy', { rows: 60, cols: 10 }, 20, { ...uniform, initAsNormal });
    const drawn = Array.from({ length: 40 }, (_, at) => {
      const random = new RandomStream(7, `model.row.${20 + at}.Wy`);
      // As for the last row of a table.
      const sigma = Math.sqrt(6 / (20 + at + 1 + 10));
      const next = () => (initAsNormal ? random.nextNormal() : 2 * random.nextFloat() - 1);
      return Array.from({ length: 10 }, () => next() * sigma);
    });
    expect(rows).toEqual(Float32Array.from(drawn.flat()));
  });

  it('gives zeros for biases and nothing for an unchanged table', () => {
    expect(drawRows('by', { rows: 5, cols: 1 }, 2, uniform)).toEqual(new Float32Array(3));
    expect(drawRows('E', { rows: 5, cols: 4 }, 5, uniform).length).toBe(0);
  });
});

const data = tinyData();
const heldOut = tinyData(9).train;
const values = { nEpochs: 3, momentum: 0.2, layers: [7, 5], dropoutPHidden: 0.1 };

const isSlot = ({ kind }: { kind: string }) => kind === 'slot';
const slotsOf = (model: Gru4Rec) => model.tensors.filter(isSlot);
const parametersOf = (model: Gru4Rec) => model.tensors.filter((tensor) => !isSlot(tensor));

/** The model after each epoch of a run that averages nothing. */
const afterEachEpoch = (engine: Engine): Promise<Gru4Rec[]> =>
  Promise.all([1, 2, 3].map((nEpochs) => trainOn(data, { ...values, nEpochs }, { engine })));

describe('train with averageDecay', () => {
  it.each(engines)(
    'gives the weighted mean of the parameters at the ends of the epochs, on %s',
    async (_name, on) => {
      const beta = 0.6;
      const epochs = await afterEachEpoch(on);
      const model = await trainOn(data, { ...values, averageDecay: beta }, { engine: on });
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
    },
  );

  it('averages nothing by default', async () => {
    const plain = await trainOn(data, values);
    const zero = await trainOn(data, { ...values, averageDecay: 0 });
    const averaged = await trainOn(data, { ...values, averageDecay: 0.5 });
    expect(zero.tensors).toEqual(plain.tensors);
    expect(parametersOf(averaged)).not.toEqual(parametersOf(plain));
  });

  it('measures the average', async () => {
    const config = { ...values, averageDecay: 0.8 };
    const plain = await trainOn(data, config);
    const model = await trainOn(data, config, { monitor: heldOut });
    expect(model.tensors).toEqual(plain.tensors);
    const [result] = evaluate(model.scorer(), heldOut, { cutoffs: [20] }).results;
    expect(model.history.at(-1)?.validation?.mrr).toBeCloseTo(Number(result?.mrr), 6);
  });

  it('keeps the average of the best epoch with patience', async () => {
    const config = { averageDecay: 0.7, learningRate: 0.5, nEpochs: 40, patience: 2 };
    const model = await trainOn(data, config, { validation: heldOut });
    const kept = model.history.find((record) => record.kept);
    expect(model.history).toHaveLength(Number(kept?.epoch) + 2);
    const [result] = evaluate(model.scorer(), heldOut, { cutoffs: [20] }).results;
    expect(kept?.validation?.recall).toBeCloseTo(Number(result?.recall), 6);
    const short = await trainOn(data, { ...config, nEpochs: kept?.epoch, patience: 0 });
    expect(model.tensors).toEqual(short.tensors);
  });

  it('continues from the average, and begins a new one', async () => {
    const from = await trainOn(data, { ...values, averageDecay: 0.5 });
    const more = { ...values, nEpochs: 1 };
    const averaged = await trainOn(data, { ...more, averageDecay: 0.5 }, { from });
    const plain = await trainOn(data, more, { from });
    expect(averaged.tensors).toEqual(plain.tensors);
  });
});
