import { SessionHistory } from '@gru4rec/batcher';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import type { ScoringSession } from '@gru4rec/metrics';
import type { Program, Runtime } from '@gru4rec/program';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { RandomStream } from '@gru4rec/random';
import { expectClose } from '@gru4rec/test-support';
import { describe, it } from 'vitest';
import { openScoring } from '../../src/scoring.ts';
import { tinyConfig } from '../tiny-data.ts';

const ITEMS = 9;
const LENGTH = 3;

/** Seeded values of all variables, the reference's for every engine. */
function writeAll(runtime: Runtime): void {
  for (const { name, kind, rows, cols } of runtime.variables) {
    const random = new RandomStream(3, `repeats.${name}`);
    const next = kind === 'slot' ? () => 0 : () => random.nextFloat() - 0.5;
    runtime.write(name, Float64Array.from({ length: rows * cols }, next));
  }
}

describe('the scores of a repeat bias', () => {
  it.each([
    ['reference', createReferenceEngine()],
    ['wasm', createWasmEngine()],
  ])('are its formula, in parallel sessions: %s', (_name, engine) => {
    const slots = 16;
    const [fitted, plain] = ['auto', 'none'].map((repeatBias) => {
      const load = (program: Program) => {
        const runtime = engine.load([program]);
        writeAll(runtime);
        return runtime;
      };
      return openScoring({
        config: tinyConfig({ repeatBias, layers: [5], repeatLength: LENGTH }),
        itemCount: ITEMS,
        slots,
        load,
      });
    }) as [ScoringSession, ScoringSession];
    const drawn = (name: string, at: number) => {
      const stream = new RandomStream(3, `repeats.repeat.${name}`);
      return Array.from({ length: at + 1 }, () => stream.nextFloat() - 0.5)[at] as number;
    };
    const histories = Array.from({ length: slots }, () => new SessionHistory(1, LENGTH));
    const random = new RandomStream(7, 'repeats.fitted');
    for (let step = 0; step < 6; step++) {
      const input = Int32Array.from({ length: slots }, () => Math.floor(4 * random.nextFloat()));
      const resetMask = new Float32Array(slots).fill(step === 0 ? 1 : 0);
      const expected = plain.step(input, resetMask).slice();
      for (const [slot, history] of histories.entries()) {
        history.add(0, input[slot] as number);
        const places = [...history.items].filter((item) => item >= 0).length;
        const logs = Array.from(history.counts, (count) => Math.log(Math.max(1, count)));
        const m = [...logs, logs.reduce((sum, one) => sum + one, 0) / places];
        for (const [k, item] of history.items.subarray(0, places).entries()) {
          const ofClicks = m.reduce((sum, one, i) => sum + one * drawn('V', i * LENGTH + k), 0);
          const score = Number(expected[slot * ITEMS + item]);
          expected[slot * ITEMS + item] = score * (1 + drawn('a', k)) + drawn('c', k) + ofClicks;
        }
      }
      expectClose(fitted.step(input, resetMask), expected, { absolute: 1e-5, relative: 1e-5 });
    }
    fitted.close();
    plain.close();
  });
});
