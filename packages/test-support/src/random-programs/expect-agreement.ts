import { createReferenceEngine } from '@gru4rec/engine-reference';
import type { InputValue, Runtime, RuntimeArray } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { expectClose } from '../closeness.ts';
import { type RandomProgram, randomInputs } from './random-program.ts';

const CALLS = 3;
/** Of the largest value of an array: products of hundreds cancel in float32. */
const TOLERANCE = 1e-3;

type Values = Readonly<Record<string, RuntimeArray>>;

/** How an engine makes several steps in one call. */
export interface SeveralSteps {
  readonly stepsPerCall: number;
  /**
   * Runs `stepsPerCall` steps of a program in one call.
   * @returns outputs of each step, valid until the next call.
   */
  readonly runSteps: (
    program: string,
    steps: readonly Readonly<Record<string, InputValue>>[],
  ) => readonly Values[];
}

/**
 * Writes seeded variables, makes three calls of one step or several, and after each compares every output of every
 * step and every variable with the reference engine's.
 *
 * @param actual - has loaded the program; whatever its variables hold is overwritten.
 * @param several - `actual.run`, a step a call, if not given.
 */
export function expectAgreement(actual: Runtime, made: RandomProgram, several?: SeveralSteps): void {
  const { seed, program } = made;
  const { stepsPerCall, runSteps } = several ?? oneByOne(actual);
  const expected = createReferenceEngine().load([program]);
  for (const runtime of [actual, expected]) writeVariables(runtime, seed);
  const random = new RandomStream(seed, 'random-programs.inputs');
  for (let call = 0; call < CALLS; call++) {
    const steps = Array.from({ length: stepsPerCall }, () => randomInputs(made, random));
    const got = runSteps(program.name, steps);
    for (const [i, inputs] of steps.entries()) {
      const name = `program ${seed}, step ${call * stepsPerCall + i}`;
      expectSame(got[i] ?? {}, expected.run(program.name, inputs), name);
    }
    expectSame(variablesOf(actual), variablesOf(expected), `program ${seed}, after call ${call}`);
  }
}

function oneByOne(runtime: Runtime): SeveralSteps {
  return { stepsPerCall: 1, runSteps: (name, steps) => steps.map((inputs) => runtime.run(name, inputs)) };
}

function writeVariables(runtime: Runtime, seed: number): void {
  const random = new RandomStream(seed, 'random-programs.variables');
  for (const { name, kind, rows, cols } of runtime.variables) {
    const next = kind === 'slot' ? () => 0 : () => 2 * random.nextFloat() - 1;
    runtime.write(name, Float32Array.from({ length: rows * cols }, next));
  }
}

function variablesOf(runtime: Runtime): Values {
  return Object.fromEntries(runtime.variables.map(({ name }) => [name, runtime.read(name)]));
}

function expectSame(actual: Values, expected: Values, name: string): void {
  for (const [key, values] of Object.entries(expected)) {
    const tolerance = { absolute: TOLERANCE * largest(values), relative: 0 };
    expectClose(actual[key] ?? [], values, { ...tolerance, name: `${name}, ${key}` });
  }
}

function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, x) => Math.max(most, Math.abs(x)), 1);
}
