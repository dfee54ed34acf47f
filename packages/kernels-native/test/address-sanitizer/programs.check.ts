import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WasmEngineOptions } from '@gru4rec/engine-wasm';
import {
  engineConformance,
  expectAgreement,
  expectExactTop,
  expectGroupedTop,
  float32Tolerance,
  groupedShapes,
  randomProgram,
  scoredTables,
} from '@gru4rec/test-support';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { kernelTable } from '../../../engine-wasm/src/kernel-table.ts';
import { guarded, guardedEngine } from './guarded-engine.ts';
import { expectRanking, rankings } from './ranking.ts';
import { draws, expectDraws, expectMergeOutside, expectMerges } from './sampling.ts';
import { expectSteps, trainingSteps } from './training-steps.ts';

const PROGRAMS = 300;
const TABLES = 40;

const variants: Readonly<Record<string, WasmEngineOptions>> = {
  'on one thread': { threads: 1 },
  'on 3 threads': { threads: 3, threadsFrom: 0 },
};

afterAll(() => {
  const summary = { memories: guarded.lastMemory(), calls: Object.fromEntries(guarded.calls) };
  writeFileSync(join(process.env.GUARDED_CALLS ?? '', 'summary.json'), JSON.stringify(summary));
});

for (const set of guarded.instructionSets) {
  for (const [name, options] of Object.entries(variants)) {
    engineConformance({
      name: `${set} ${name}`,
      createEngine: () => guardedEngine(set, options),
      tolerance: float32Tolerance,
    });

    describe(`${set} ${name}`, () => {
      const engine = guardedEngine(set, options);

      it.each(trainingSteps)('agrees on training steps: $title', ({ config }) => {
        expect(() => expectSteps(engine, config)).not.toThrow();
      });

      it.each(rankings)('agrees on rankings: %o', (size) => {
        expect(() => expectRanking(engine, size)).not.toThrow();
      });

      it('lists the same rows whether it screens them or not', () => {
        const screened = guardedEngine(set, { ...options, screenFrom: 0, screenAfter: 0 });
        const whole = guardedEngine(set, { ...options, screenFrom: Number.POSITIVE_INFINITY });
        const check = fc.property(scoredTables, (given) => expectExactTop(screened, whole, given));
        expect(() => fc.assert(check, { numRuns: TABLES })).not.toThrow();
      });

      it.each(groupedShapes)('lists the rows of groups: %o', (shape) => {
        const grouped = { ...options, screenFrom: 0, screenAfter: 0, groupFrom: 1 };
        expect(() => expectGroupedTop(guardedEngine(set, grouped), shape)).not.toThrow();
      });

      it(`agrees on ${PROGRAMS} random programs`, () => {
        for (let seed = 0; seed < PROGRAMS; seed++) {
          const made = randomProgram(seed);
          const runtime = engine.load([made.program]);
          expectAgreement(runtime, made);
          runtime.dispose();
        }
        expect(engine.name).toBe('wasm');
      });
    });
  }

  describe(`sampling of ${set}`, () => {
    const kernels = guarded.sampling(set);

    it.for(draws)('draws: %d items, %d samples', (size) => {
      expect(() => expectDraws(kernels, size)).not.toThrow();
    });

    it('merges', () => {
      expect(() => expectMerges(kernels)).not.toThrow();
      expect(() => expectMergeOutside(kernels)).not.toThrow();
    });
  });

  it(`reaches every kernel of ${set}`, () => {
    const expected = Object.keys(kernelTable.kernels).filter((kernel) => kernel !== 'BARRIER');
    expect(expected.filter((kernel) => !guarded.calls.has(`${set} ${kernel}`))).toEqual([]);
  });
}
