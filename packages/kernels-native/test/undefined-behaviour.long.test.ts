import { spawnSync } from 'node:child_process';
import { createWasmEngine, type WasmEngineOptions } from '@gru4rec/engine-wasm';
import type { SamplingKernels } from '@gru4rec/sampler';
import {
  engineConformance,
  expectAgreement,
  expectExactTop,
  float32Tolerance,
  randomProgram,
  scoredTables,
} from '@gru4rec/test-support';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectRanking, rankings } from './address-sanitizer/ranking.ts';
import { draws, expectDraws, expectMergeOutside, expectMerges } from './address-sanitizer/sampling.ts';
import { expectSteps, trainingSteps } from './address-sanitizer/training-steps.ts';
import { sanitizedAddon } from './sanitized-addon.ts';

const PROGRAMS = 100;
const TABLES = 40;

// UndefinedBehaviorSanitizer ends the process at the first error and writes the line to standard error.
const addon = sanitizedAddon('undefined');

if ('missing' in addon) {
  describe('native kernels', () => {
    it('conform without undefined behaviour', (ctx) => ctx.skip(addon.missing));
  });
} else {
  describe('native kernels', () => {
    it('are stopped where an address is not aligned', () => {
      const script = `
        const addon = require(process.argv[1]);
        const [set] = addon.instructionSets;
        const run = addon.bind(set, new Uint8Array(new ArrayBuffer(4097), 1));
        run(0, 0, 1, 0, 1, 0);`;
      const { status, stderr } = spawnSync(process.execPath, ['-e', script, addon.path], {
        encoding: 'utf8',
      });
      expect(status).not.toBe(0);
      expect(stderr).toContain('runtime error: load of misaligned address');
    });
  });

  for (const instructionSet of addon.instructionSets) {
    const native = { path: addon.path, instructionSet };

    describe(`sampling of ${instructionSet} without undefined behaviour`, () => {
      const kernels = createWasmEngine({ native }).sampling as SamplingKernels;

      it.for(draws)('draws: %d items, %d samples', (size) => {
        expect(() => expectDraws(kernels, size)).not.toThrow();
      });

      it('merges', () => {
        expect(() => expectMerges(kernels)).not.toThrow();
        expect(() => expectMergeOutside(kernels)).not.toThrow();
      });
    });

    for (const threads of [1, 3]) {
      const name = `${instructionSet} without undefined behaviour on ${threads} threads`;
      const createEngine = (options: WasmEngineOptions = {}) =>
        createWasmEngine({ native, threads, threadsFrom: 0, ...options });
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
          const screened = createEngine({ screenFrom: 0, screenAfter: 0 });
          const whole = createEngine({ screenFrom: Number.POSITIVE_INFINITY });
          const check = fc.property(scoredTables, (given) => expectExactTop(screened, whole, given));
          expect(() => fc.assert(check, { numRuns: TABLES })).not.toThrow();
        });

        it(`agrees on ${PROGRAMS} random programs`, () => {
          for (let seed = 0; seed < PROGRAMS; seed++) {
            const made = randomProgram(seed);
            const runtime = engine.load([made.program]);
            expectAgreement(runtime, made);
            runtime.dispose();
          }
          expect(engine.instructionSet).toBe(instructionSet);
        });
      });
    }
  }
}
