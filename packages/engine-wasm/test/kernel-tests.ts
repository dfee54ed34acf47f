import type { Engine, Runtime } from '@gru4rec/program';
import {
  engineConformance,
  expectAgreement,
  float32Tolerance,
  type RandomProgram,
  randomProgram,
} from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import type { WasmEngineOptions } from '../src/index.ts';
import { testRankings } from './ranking-tests.ts';
import { testScreening } from './screening-tests.ts';
import { expectSteps, trainingSteps } from './training-steps.ts';

/** Tests an engine by conformance, training steps of every loss, rankings, screened lists and this number of random programs. */
export function testKernels(
  name: string,
  createEngine: (options?: WasmEngineOptions) => Engine,
  ...random: RandomTests
): void {
  engineConformance({ name, createEngine, tolerance: float32Tolerance });
  testRankings(name, createEngine);
  testScreening(name, createEngine, { tables: 40, units: 128 });

  describe(name, () => {
    it.each(trainingSteps)('agrees on training steps: $title', ({ config }) => {
      expect(() => expectSteps(createEngine(), config)).not.toThrow();
    });
  });
  testRandomPrograms(name, createEngine, ...random);
}

type RandomTests = [programs: number, before?: (runtime: Runtime, made: RandomProgram) => void];

/** Tests an engine by this number of random programs, each after what may change its memory. */
export function testRandomPrograms(
  name: string,
  createEngine: () => Engine,
  ...[programs, before]: RandomTests
): void {
  it(`${name} agrees with the reference engine on ${programs} random programs`, () => {
    const engine = createEngine();
    for (let seed = 0; seed < programs; seed++) {
      const made = randomProgram(seed);
      const runtime = engine.load([made.program]);
      before?.(runtime, made);
      expectAgreement(runtime, made);
      runtime.dispose();
    }
    expect(engine.name).toBe('wasm');
  });
}
