import { createWasmEngine } from '@gru4rec/engine-wasm';
import { runProgram } from '@gru4rec/program';
import { expectClose } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import {
  buildAdvanceProgram,
  buildScoreAllProgram,
  buildScoreItemsProgram,
  buildScoreProgram,
  buildServeProgram,
} from '../../src/programs/build-inference-programs.ts';
import { stateVariables } from '../../src/programs/forward.ts';
import { historyFollower } from '../../src/scoring.ts';
import { initializeVariables } from '../../src/training/variables.ts';
import { configurations, engines, trainLive } from '../live/live-models.ts';
import { tinyConfig } from '../tiny-data.ts';

const [slots, itemCount] = [3, 30];
const clicks = [Int32Array.of(4, 17, -1), Int32Array.of(4, 0, 29), Int32Array.of(12, 8, 3)];
const resets = [Float32Array.of(1, 1, 1), Float32Array.of(0, 0, 1), Float32Array.of(0, 1, 0)];
const tolerance = { absolute: 1e-6, relative: 1e-5 };

describe.each(configurations)('live steps with %s', (_name, values) => {
  it.each(engines)(
    'give the same scores in two steps as the score program in one, on %s',
    async (_engine, engine) => {
      const model = (await trainLive(values))(engine);
      const { config } = model;
      const step = { config, itemCount, slots };
      const score = buildScoreProgram({ ...step, name: 'score' });
      const advance = buildAdvanceProgram({ ...step, name: 'advance' });
      const scoreAll = buildScoreAllProgram({ ...step, name: 'score-all' });
      const scoreItems = buildScoreItemsProgram({ ...step, slots: 5, name: 'score-items' });
      const runtime = engine.load([score, advance, scoreAll, scoreItems]);
      for (const { name, values: trained } of model.tensors) {
        if (runtime.variables.some((v) => v.name === name)) runtime.write(name, trained);
      }
      const units = config.layers.at(-1)!;
      const output = stateVariables(config, 'advance.').findLast(({ name }) => name.endsWith('.h'))!;
      const follow = historyFollower(config, slots);
      for (const [i, input] of clicks.entries()) {
        const inputs = { input, resetMask: resets[i]! };
        const history = follow(input, resets[i]!);
        const expected = Float64Array.from(runProgram(runtime, score, { ...inputs, ...history }).scores);
        runProgram(runtime, advance, inputs);
        const hidden = Float32Array.from(runtime.read(output.name));
        const all = runProgram(runtime, scoreAll, { hidden, ...history }).scores;
        expectClose(all, expected, { ...tolerance, name: 'score-all' });
        const items = Int32Array.of(29, 0, -1, 7, 7);
        const one = history.history && { history: history.history.slice(0, config.repeatLength) };
        const first = { hidden: hidden.slice(0, units), ...one };
        const some = runProgram(runtime, scoreItems, { ...first, items }).scores;
        const known = [0, 1, 3, 4].map((position) => some[position]);
        const wanted = [29, 0, 7, 7].map((item) => expected[item]);
        expectClose(known, wanted, { ...tolerance, name: 'score-items' });
      }
    },
  );
});

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
