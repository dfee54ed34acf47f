import { createWasmEngine } from '@gru4rec/engine-wasm';
import { type Runtime, runProgram } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { expectClose } from '@gru4rec/test-support';
import { describe, it } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { buildScoreProgram } from '../../src/programs/build-inference-programs.ts';
import { reference } from '../tiny-data.ts';
import { encodeOnnxModel, type OnnxTensor } from './onnx-model.ts';

// The operators RNN, GRU and LSTM of ONNX Runtime are the independent implementation.
const onnxRuntime = await import('onnxruntime-node').catch(() => undefined);

/** T steps of B slots over I items; E embedding, H units of each layer. */
const [T, B, I, E] = [6, 3, 9, 5];
const layers = [6, 4];

/** A cell's ONNX operator. */
interface OnnxCell {
  readonly opType: 'RNN' | 'GRU' | 'LSTM';
  /** Our gate letters in ONNX's order. */
  readonly gates: readonly string[];
  readonly attributes?: Readonly<Record<string, number>>;
  /** Activations of the gates, before those of the hidden state. */
  readonly gateActivations: readonly string[];
  /** Number of activations of the hidden state. */
  readonly hiddenActivations: number;
}

const gru = (linear_before_reset: number): OnnxCell => ({
  opType: 'GRU',
  gates: ['z', 'r', 'n'],
  attributes: { linear_before_reset },
  gateActivations: ['Sigmoid'],
  hiddenActivations: 1,
});
const lstm: OnnxCell = {
  opType: 'LSTM',
  gates: ['i', 'o', 'f', 'g'],
  gateActivations: ['Sigmoid'],
  hiddenActivations: 2,
};
const rnn: OnnxCell = { opType: 'RNN', gates: ['h'], gateActivations: [], hiddenActivations: 1 };

const cells: readonly (readonly [name: string, config: Record<string, string>, onnx: OnnxCell])[] = [
  ['rnn', { cell: 'rnn' }, rnn],
  ['lstm', { cell: 'lstm' }, lstm],
  ['gru reset-before', { cell: 'gru', gru: 'reset-before' }, gru(0)],
  ['gru reset-after', { cell: 'gru', gru: 'reset-after' }, gru(1)],
];

const activations: Readonly<Record<string, { readonly name: string; readonly alpha?: number }>> = {
  tanh: { name: 'Tanh' },
  relu: { name: 'Relu' },
  sigmoid: { name: 'Sigmoid' },
  'elu-0.5': { name: 'Elu', alpha: 0.5 },
  'leaky-0.2': { name: 'LeakyRelu', alpha: 0.2 },
};

const engines = [
  { create: () => reference, absolute: 1e-6 },
  { create: () => createWasmEngine(), absolute: 1e-5 },
];

type Weights = ReadonlyMap<string, Float32Array>;

function drawWeights(runtime: Runtime): Weights {
  const random = new RandomStream(5, 'cells');
  const trained = runtime.variables.filter(({ kind }) => kind === 'parameter' || kind === 'table');
  const draw = (length: number) => Float32Array.from({ length }, () => 1.4 * random.nextFloat() - 0.7);
  return new Map(trained.map(({ name, rows, cols }) => [name, draw(rows * cols)]));
}

/** Items of each step, [T, B]. */
function drawItems(): Int32Array {
  const random = new RandomStream(6, 'cells');
  return Int32Array.from({ length: T * B }, () => random.nextBelow(I));
}

/** Stacks the gates' matrices, [width, H] each, to ONNX's transposed [gates · H, width]. */
function stackMatrices(matrices: readonly Float32Array[], width: number): OnnxTensor {
  const units = (matrices[0] as Float32Array).length / width;
  const values = matrices.flatMap((matrix) =>
    Array.from({ length: units * width }, (_, i) => matrix[(i % width) * units + Math.floor(i / width)]!),
  );
  return { dims: [1, matrices.length * units, width], values: Float32Array.from(values) };
}

/** W, R and B of a layer in ONNX's form; its z weighs the old state: σ(−x) = 1 − σ(x). */
function constantsOf(weights: Weights, layer: number, gates: readonly string[], width: number) {
  const units = layers[layer] as number;
  const named = (prefix: string): Float32Array[] =>
    gates.map((gate) => {
      const values = weights.get(`layer${layer}.${prefix}${gate}`) ?? new Float32Array(units);
      return gate === 'z' ? values.map((x) => -x) : values;
    });
  const biases = Float32Array.from([...named('b'), ...named('c')].flatMap((bias) => Array.from(bias)));
  return {
    W: stackMatrices(named('W'), width),
    R: stackMatrices(named('U'), units),
    B: { dims: [1, biases.length], values: biases },
  };
}

/** Runs all steps of one layer. @returns Y [T, B, H] and, of an LSTM, the cell state after the last step. */
async function runOnnx(
  runtime: NonNullable<typeof onnxRuntime>,
  cell: OnnxCell,
  weights: Weights,
  options: { layer: number; x: Float32Array; hiddenAct: string },
): Promise<{ y: Float32Array; c?: Float32Array }> {
  const { layer, x, hiddenAct } = options;
  const width = x.length / (T * B);
  const { name, alpha } = activations[hiddenAct]!;
  const hidden = Array.from({ length: cell.hiddenActivations }, () => name);
  const alphas = alpha === undefined ? {} : { activation_alpha: hidden.map(() => alpha) };
  const model = encodeOnnxModel({
    opType: cell.opType,
    input: [T, B, width],
    constants: constantsOf(weights, layer, cell.gates, width),
    outputs: cell.opType === 'LSTM' ? ['Y', 'Y_h', 'Y_c'] : ['Y'],
    attributes: {
      hidden_size: layers[layer] as number,
      activations: [...cell.gateActivations, ...hidden],
      ...alphas,
      ...cell.attributes,
    },
  });
  const session = await runtime.InferenceSession.create(model, { intraOpNumThreads: 1 });
  const { Y, Y_c } = await session.run({ X: new runtime.Tensor('float32', x, [T, B, width]) });
  await session.release();
  return { y: Y?.data as Float32Array, ...(Y_c ? { c: Y_c.data as Float32Array } : {}) };
}

/** Embedding rows of each step's items, [T, B, E]. */
function embed(weights: Weights, items: Int32Array): Float32Array {
  const table = weights.get('E') as Float32Array;
  return Float32Array.from([...items].flatMap((item) => [...table.subarray(item * E, (item + 1) * E)]));
}

describe.each(cells)('%s', (_name, values, cell) => {
  it.for(Object.keys(activations))(
    'gives the states of ONNX Runtime in two layers, step by step: hiddenAct %s',
    async (hiddenAct, { skip }) => {
      if (!onnxRuntime) return skip(`ONNX Runtime does not load on ${process.platform} ${process.arch}`);
      const sizes = { layers, constrainedEmbedding: false, embedding: E, hiddenAct };
      const program = buildScoreProgram({
        config: parseConfig({ ...values, ...sizes }),
        itemCount: I,
        slots: B,
        name: 'score',
      });
      const weights = drawWeights(reference.load([program]));
      const items = drawItems();
      const lower = await runOnnx(onnxRuntime, cell, weights, {
        layer: 0,
        x: embed(weights, items),
        hiddenAct,
      });
      const upper = await runOnnx(onnxRuntime, cell, weights, { layer: 1, x: lower.y, hiddenAct });
      for (const { create, absolute } of engines) {
        const runtime = create().load([program]);
        for (const [name, values] of weights) runtime.write(name, values);
        const resetMask = new Float32Array(B);
        for (let t = 0; t < T; t++) {
          runProgram(runtime, program, { input: items.slice(t * B, (t + 1) * B), resetMask });
          for (const [layer, { y }] of [lower, upper].entries()) {
            const size = y.length / T;
            const expected = y.subarray(t * size, (t + 1) * size);
            const name = `h of layer ${layer}, step ${t}`;
            expectClose(runtime.read(`score.layer${layer}.h`), expected, {
              absolute,
              relative: absolute,
              name,
            });
          }
        }
        for (const [layer, { c }] of [lower, upper].entries()) {
          if (!c) continue;
          const name = `c of layer ${layer}`;
          expectClose(runtime.read(`score.layer${layer}.c`), c, { absolute, relative: absolute, name });
        }
      }
    },
  );
});
