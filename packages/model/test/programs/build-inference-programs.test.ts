import { expectClose } from '@gru4rec/test-support';
import { describe, it } from 'vitest';
import { stepConfig } from '../../src/config.ts';
import {
  buildAdvanceProgram,
  buildScoreAllProgram,
  buildScoreItemsProgram,
} from '../../src/programs/build-live-programs.ts';
import { buildScoreProgram } from '../../src/programs/build-score-program.ts';
import { stateVariables } from '../../src/programs/forward.ts';
import { configurations, engines, trainLive } from '../live/live-models.ts';

const [slots, itemCount] = [3, 30];
const clicks = [Int32Array.of(4, 17, -1), Int32Array.of(4, 0, 29), Int32Array.of(12, 8, 3)];
const resets = [Float32Array.of(1, 1, 1), Float32Array.of(0, 0, 1), Float32Array.of(0, 1, 0)];
const tolerance = { absolute: 1e-6, relative: 1e-5 };

describe.each(configurations)('live steps with %s', (_name, values) => {
  it.each(engines)('score in two steps what the score step does in one, on %s', async (_engine, engine) => {
    const model = (await trainLive(values))(engine);
    const config = stepConfig(model.config);
    const step = { config, itemCount, slots };
    const runtime = engine.load([
      buildScoreProgram(config, itemCount, slots),
      buildAdvanceProgram({ ...step, name: 'advance' }),
      buildScoreAllProgram({ ...step, name: 'score-all' }),
      buildScoreItemsProgram({ ...step, name: 'score-items' }, 5),
    ]);
    for (const { name, values: trained } of model.tensors) {
      if (runtime.variables.some((v) => v.name === name)) runtime.write(name, trained);
    }
    const units = config.layers.at(-1)!;
    const output = stateVariables(config, 'advance.').findLast(({ name }) => name.endsWith('.h'))!;
    for (const [i, input] of clicks.entries()) {
      const inputs = { input, resetMask: resets[i] };
      const expected = Float64Array.from(runtime.run('score', inputs).scores);
      runtime.run('advance', inputs);
      const hidden = Float32Array.from(runtime.read(output.name));
      const all = runtime.run('score-all', { hidden }).scores;
      expectClose(all, expected, { ...tolerance, name: 'score-all' });
      const items = Int32Array.of(29, 0, -1, 7, 7);
      const some = runtime.run('score-items', { hidden: hidden.slice(0, units), items }).scores;
      const known = [0, 1, 3, 4].map((position) => some[position]);
      const wanted = [29, 0, 7, 7].map((item) => expected[item]);
      expectClose(known, wanted, { ...tolerance, name: 'score-items' });
    }
  });
});
