import { createReferenceEngine } from '@gru4rec/engine-reference';
import type { InputValue, Runtime, RuntimeArray } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { expectClose } from '../closeness.ts';
import { type RandomProgram, randomInputs } from './random-program.ts';

const CALLS = 3;
/**
 * Allowed difference relative to the largest value of an array, because sums of hundreds of products cancel in float32.
 */
const TOLERANCE = 1e-3;

type Values = Readonly<Record<string, RuntimeArray>>;

/** Runs several steps of an engine per call. */
export interface SeveralSteps {
  readonly stepsPerCall: number;
  /**
   * Runs `stepsPerCall` steps of a program in one call.
   * @param steps - the inputs of each step.
   * @returns the outputs of each step, valid until the next call.
   */
  readonly runSteps: (
    program: string,
    steps: readonly Readonly<Record<string, InputValue>>[],
  ) => readonly Values[];
}

/**
 * Expects a random program to give the same results as on the reference engine. It writes seeded variables, makes three
 * calls, and after each one compares every output of every step and every variable.
 *
 * @param actual - has loaded the program. Its variables are overwritten.
 * @param several - default: one step per call, with `actual.run`.
 */
export function expectAgreement(actual: Runtime, random: RandomProgram, several?: SeveralSteps): void {
  const { seed, program } = random;
  const { stepsPerCall, runSteps } = several ?? oneByOne(actual);
  const expected = createReferenceEngine().load([program]);
  for (const runtime of [actual, expected]) writeVariables(runtime, seed);
  const stream = new RandomStream(seed, 'random-programs.inputs');
  for (let call = 0; call < CALLS; call++) {
    const steps = Array.from({ length: stepsPerCall }, () => randomInputs(random, stream));
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
  return Array.from(values).reduce((max, x) => Math.max(max, Math.abs(x)), 1);
}
