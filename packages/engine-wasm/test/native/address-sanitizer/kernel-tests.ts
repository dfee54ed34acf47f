import type { WasmEngineOptions } from '@gru4rec/engine-wasm';
import type { Engine } from '@gru4rec/program';
import type { SamplingKernels } from '@gru4rec/sampler';
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
import { describe, expect, it } from 'vitest';
import { expectRanking, rankings } from './ranking.ts';
import { draws, expectDraws, expectMergeOutside, expectMerges } from './sampling.ts';
import { expectSteps, trainingSteps } from './training-steps.ts';

const TABLES = 40;

/** Tests an engine by conformance, training steps of every loss, rankings, screened lists and this number of random programs. */
export function testKernels(
  name: string,
  createEngine: (options?: WasmEngineOptions) => Engine,
  programs: number,
): void {
  engineConformance({ name, createEngine, tolerance: float32Tolerance });

  describe(name, () => {
    const engine = createEngine();

    it.each(trainingSteps)('agrees on training steps: $title', ({ config }) => {
      expect(() => expectSteps(engine, config)).not.toThrow();
    });

    it.each(rankings)('agrees on rankings: %o', (size) => {
      expect(() => expectRanking(engine, size)).not.toThrow();
    });

    it('lists the same rows whether it screens them or not', () => {
      const screened = createEngine({ screenFrom: 0 });
      const whole = createEngine({ screenFrom: Number.POSITIVE_INFINITY });
      const check = fc.property(scoredTables, (given) => expectExactTop(screened, whole, given));
      expect(() => fc.assert(check, { numRuns: TABLES })).not.toThrow();
    });

    it.each(groupedShapes)('lists the rows of groups: %o', (shape) => {
      const grouped = createEngine({ screenFrom: 0, groupFrom: 1 });
      expect(() => expectGroupedTop(grouped, shape)).not.toThrow();
    });

    it(`agrees on ${programs} random programs`, () => {
      for (let seed = 0; seed < programs; seed++) {
        const made = randomProgram(seed);
        const runtime = engine.load([made.program]);
        expectAgreement(runtime, made);
        runtime.dispose();
      }
      expect(engine.name).toBe('wasm');
    });
  });
}

/** Tests that kernels draw and merge samples as JavaScript does. */
export function testSampling(name: string, kernels: SamplingKernels): void {
  describe(`sampling of ${name}`, () => {
    it.for(draws)('draws the samples of JavaScript: %d items, %d samples', (size) => {
      expect(() => expectDraws(kernels, size)).not.toThrow();
    });

    it('merges as JavaScript does, with and without enough room, and indices outside the table', () => {
      expect(() => expectMerges(kernels)).not.toThrow();
      expect(() => expectMergeOutside(kernels)).not.toThrow();
    });
  });
}
