import { createWasmEngine } from '@gru4rec/engine-wasm';
import { runProgram } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { buildScoreProgram, buildServeProgram } from '../../src/programs/build-inference-programs.ts';
import { initializeVariables } from '../../src/training/variables.ts';
import { tinyConfig } from '../tiny-data.ts';

const ITEMS = 9;
const SLOTS = 3;

describe('buildServeProgram', () => {
  it.each([
    ['gru', {}],
    ['lstm', { cell: 'lstm', layers: [5, 4] }],
  ])('gives the scores and states of a running session, bit for bit: %s', (_, values) => {
    const config = tinyConfig(values);
    const options = { config, itemCount: ITEMS, slots: SLOTS };
    const [score, serve] = [buildScoreProgram({ ...options, name: 'score' }), buildServeProgram(options)];
    const runtime = createWasmEngine({ threads: 1 }).load([score, serve]);
    initializeVariables(runtime, new Int32Array(ITEMS).fill(1), config);
    for (const items of [Int32Array.of(0, 3, -1), Int32Array.of(8, 3, 2)]) {
      const resetMask = new Float32Array(SLOTS);
      const scores = [...runProgram(runtime, score, { input: items, resetMask }).scores];
      expect([...runProgram(runtime, serve, { item: items }).scores]).toEqual(scores);
      expect(runtime.read('layer0.h')).toEqual(runtime.read('score.layer0.h'));
    }
    runtime.dispose();
  });

  it('needs only the items as input', () => {
    const { inputs } = buildServeProgram({ config: tinyConfig(), itemCount: ITEMS, slots: 2 });
    expect(Object.keys(inputs)).toEqual(['item']);
  });
});
