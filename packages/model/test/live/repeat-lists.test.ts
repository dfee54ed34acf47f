import { createWasmEngine } from '@gru4rec/engine-wasm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ModelConfig, parseConfig } from '../../src/config.ts';
import { LiveEngine } from '../../src/live/live-engine.ts';

const UNITS = 5;
/** Few distinct values, so that many items have equal scores. */
const coarse = fc.integer({ min: -3, max: 3 });
const engine = createWasmEngine({ threads: 1 });

/** Live programs with the given parameters; all others are 0.5. */
function liveOf(config: ModelConfig, itemCount: number, parameters: Record<string, readonly number[]>) {
  return new LiveEngine({
    config,
    itemCount,
    load(programs) {
      const runtime = engine.load(programs);
      for (const { name, kind, rows, cols } of runtime.variables) {
        if (kind === 'state') continue;
        const values = parameters[name] ?? [0.5];
        runtime.write(
          name,
          Float32Array.from({ length: rows * cols }, (_, i) => values[i % values.length] ?? 0),
        );
      }
      return runtime;
    },
  });
}

/** The last distinct items, the most recent first. */
const lastItems = (clicks: readonly number[], length: number) =>
  [...new Set(clicks.toReversed())].slice(0, length);

const cases = fc.record({
  itemCount: fc.constantFrom(2, 25, 150, 400),
  repeatLength: fc.constantFrom(1, 3, 40, 500),
  finalAct: fc.constantFrom('linear', 'relu', 'tanh'),
  biases: fc.array(coarse, { minLength: 1, maxLength: 61 }),
  repeats: fc.array(coarse, { minLength: 1, maxLength: 40 }),
  clicks: fc.array(fc.nat({ max: 399 }), { minLength: 1, maxLength: 60 }),
  count: fc.constantFrom(1, 2, 20, 21, 64, 256, 400),
});

describe('LiveEngine with a repeat bias', () => {
  it('lists what loops and a sort list, with equal scores by item', () => {
    fc.assert(
      fc.property(cases, ({ itemCount, repeatLength, finalAct, biases, repeats, clicks, count }) => {
        const config = parseConfig({
          ...{ loss: 'bpr-max', finalAct, layers: [UNITS], constrainedEmbedding: false },
          ...{ repeatBias: 'constant', repeatLength },
        });
        // Without Wy the scores are the biases.
        const live = liveOf(config, itemCount, { Wy: [0], by: biases, 'repeat.c': repeats });
        live.reserve(2);
        const state = new Float32Array(live.stateLength);
        const known = clicks.map((item) => item % itemCount);
        for (const item of known) live.advance([{ state, item }]);
        const last = lastItems(known, repeatLength);
        const scores = Array.from({ length: itemCount }, (_, item) => {
          const place = last.indexOf(item);
          const added = place < 0 ? 0 : (repeats[place % repeats.length] ?? 0);
          const x = (biases[item % biases.length] ?? 0) + added;
          return { linear: x, relu: Math.max(0, x), tanh: Math.tanh(x) }[finalAct] ?? Number.NaN;
        });
        const sorted = scores
          .map((_, item) => item)
          .sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
        const states = [new Float32Array(live.stateLength), state, state];
        const wanted = Math.min(count, itemCount);
        const lists = live.best(states, wanted);
        live.dispose();
        if (!lists) throw new RangeError(`no list of ${wanted} items`);
        for (const { items, scores: listed } of lists.slice(1)) {
          expect(items.length).toBeGreaterThanOrEqual(wanted);
          expect([...items]).toEqual(sorted.slice(0, items.length));
          for (const [at, item] of items.entries())
            expect(listed[at]).toBeCloseTo(scores[item] ?? Number.NaN, 5);
        }
      }),
      { numRuns: 60, seed: 1 },
    );
  });
});
