import type { Runtime, RuntimeArray } from '@gru4rec/program';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { RandomStream } from '@gru4rec/random';
import { expectClose } from '../closeness.ts';
import { type RandomProgram, randomInputs } from './random-program.ts';

const STEPS = 3;
/**
 * Allowed difference relative to the largest value of an array, because sums of hundreds of products cancel in float32.
 */
const TOLERANCE = 1e-3;

type Values = Readonly<Record<string, RuntimeArray>>;

/**
 * Expects a random program to give the same results as on the reference engine. It writes seeded variables, runs three
 * steps, and after each one compares every output and every variable.
 *
 * @param actual - has loaded the program. Its variables are overwritten.
 */
export function expectAgreement(actual: Runtime, random: RandomProgram): void {
  const { seed, program } = random;
  const expected = createReferenceEngine().load([program]);
  for (const runtime of [actual, expected]) writeVariables(runtime, seed);
  const stream = new RandomStream(seed, 'random-programs.inputs');
  for (let step = 0; step < STEPS; step++) {
    const inputs = randomInputs(random, stream);
    const name = `program ${seed}, step ${step}`;
    expectSame(actual.run(program.name, inputs), expected.run(program.name, inputs), name);
    expectSame(variablesOf(actual), variablesOf(expected), `program ${seed}, after step ${step}`);
  }
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
