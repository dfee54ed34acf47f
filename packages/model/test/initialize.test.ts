import { createReferenceEngine } from '@gru4rec/engine-reference';
import { describe, expect, it } from 'vitest';
import { stepConfig } from '../src/config.ts';
import { initializeVariables } from '../src/initialize.ts';
import { buildTrainStep } from '../src/step.ts';
import { tinyConfig } from './tiny-data.ts';

const ITEMS = 30;

function initialized(values: Record<string, unknown>) {
  const config = stepConfig(tinyConfig(values));
  const runtime = createReferenceEngine().load([buildTrainStep(config, ITEMS)]);
  initializeVariables(runtime, new Int32Array(ITEMS).fill(1), 7);
  return runtime.variables
    .filter(({ kind }) => kind === 'parameter' || kind === 'table')
    .map((variable) => ({ ...variable, values: Array.from(runtime.read(variable.name)) }));
}

describe('initializeVariables', () => {
  it.each([
    ['a constrained embedding', { layers: [12, 5] }],
    ['a layer of one unit', { layers: [1] }],
    ['an embedding of width one', { constrainedEmbedding: false, embedding: 1 }],
    ['one-hot input and two biases a gate', { constrainedEmbedding: false, layers: [4], gru: 'reset-after' }],
  ])('draws matrices and tables in ±√(6 / (rows + columns)) and leaves biases at 0: %s', (_name, values) => {
    for (const { name, rows, cols, values: drawn } of initialized(values)) {
      const bias = /(^|\.)[bc]\w$/.test(name);
      expect(drawn.every((x) => (x === 0) === bias)).toBe(true);
      expect(Math.max(...drawn.map(Math.abs))).toBeLessThanOrEqual(Math.sqrt(6 / (rows + cols)));
    }
  });
});
