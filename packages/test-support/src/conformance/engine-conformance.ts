import { type Engine, opNames } from '@gru4rec/program';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Tolerance } from '../closeness.ts';
import { opCases } from './cases/registry.ts';
import { runtimeSuite } from './runtime-suite.ts';
import { Trial } from './trial.ts';
import { updateTrials } from './updates.ts';

/** The engine to check and how closely it must agree with the reference. */
export interface EngineConformanceOptions {
  readonly name: string;
  /** Called once. */
  readonly createEngine: () => Engine | Promise<Engine>;
  /** Allowed difference; `float32Tolerance` for an engine that computes in float32. */
  readonly tolerance: Tolerance;
}

/** Registers the test suite that every engine must pass: every op, updates, variables, state and errors. */
export function engineConformance({ name, createEngine, tolerance }: EngineConformanceOptions): void {
  describe(`engine ${name}`, () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await createEngine();
    });

    describe('ops', () => {
      for (const op of opNames) {
        it(`runs ${op} as the reference does`, () => {
          const trial = new Trial(op);
          opCases[op](trial);
          const program = trial.compare(engine, tolerance);
          expect(program.nodes.some((node) => node.op === op)).toBe(true);
        });
      }
    });

    describe('updates', () => {
      for (const { name: title, trial } of updateTrials()) {
        it(title, () => {
          trial.compare(engine, tolerance, 3);
        });
      }
    });

    runtimeSuite(() => engine, tolerance);
  });
}
