import { createWasmEngine } from '@gru4rec/engine-wasm';
import { describe, expect, it } from 'vitest';
import { stepConfig } from '../../src/config.ts';
import { buildScoreProgram } from '../../src/programs/build-score-program.ts';
import { buildServeProgram } from '../../src/programs/build-serve-program.ts';
import { initializeVariables } from '../../src/training/initialize.ts';
import { tinyConfig } from '../tiny-data.ts';

const ITEMS = 9;
const SLOTS = 3;

describe('buildServeProgram', () => {
  it.each([
    ['gru', {}],
    ['lstm', { cell: 'lstm', layers: [5, 4] }],
  ])('gives the scores and states of a session that goes on, bit for bit: %s', (_, values) => {
    const model = tinyConfig(values);
    const config = stepConfig(model);
    const programs = [
      buildScoreProgram(config, ITEMS, SLOTS),
      buildServeProgram({ config, itemCount: ITEMS, slots: SLOTS }),
    ];
    const runtime = createWasmEngine({ threads: 1 }).load(programs);
    initializeVariables(runtime, new Int32Array(ITEMS).fill(1), model);
    for (const items of [Int32Array.of(0, 3, -1), Int32Array.of(8, 3, 2)]) {
      const resetMask = new Float32Array(SLOTS);
      const scores = [...runtime.run('score', { input: items, resetMask })['scores']!];
      expect([...runtime.run('serve', { item: items })['scores']!]).toEqual(scores);
      expect(runtime.read('layer0.h')).toEqual(runtime.read('score.layer0.h'));
    }
    runtime.dispose();
  });

  it('asks for nothing but the items', () => {
    const { inputs } = buildServeProgram({ config: stepConfig(tinyConfig()), itemCount: ITEMS, slots: 2 });
    expect(Object.keys(inputs)).toEqual(['item']);
  });
});
