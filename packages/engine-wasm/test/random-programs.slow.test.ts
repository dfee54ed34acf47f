import { createReferenceEngine } from '@gru4rec/engine-reference';
import type { Runtime } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { expectClose } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { createWasmEngine } from '../src/index.ts';
import { type RandomProgram, randomInputs, randomProgram } from './random-program.ts';

const PROGRAMS = 240;
const STEPS = 3;
/** Of the largest value of an array: products of hundreds cancel in float32. */
const TOLERANCE = 1e-3;

const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, x) => Math.max(most, Math.abs(x)), 1);

function writeVariables(runtime: Runtime, value: () => number): void {
  for (const { name, kind, rows, cols } of runtime.variables) {
    const next = kind === 'slot' ? () => 0 : value;
    runtime.write(name, Float32Array.from({ length: rows * cols }, next));
  }
}

/** Fills whatever a step leaves in memory with NaN, which must not reach the next step. */
function poison(runtime: Runtime, { program, limits }: RandomProgram): void {
  writeVariables(runtime, () => Number.NaN);
  const inputs = randomInputs({ program, limits }, new RandomStream(1, 'poison'));
  for (const values of Object.values(inputs)) if (values instanceof Float32Array) values.fill(Number.NaN);
  runtime.run(program.name, inputs);
}

function expectAgreement(actual: Runtime, expected: Runtime, made: RandomProgram, seed: number): void {
  const { name: program } = made.program;
  for (const runtime of [actual, expected]) {
    const random = new RandomStream(seed, 'random-programs.variables');
    writeVariables(runtime, () => 2 * random.nextFloat() - 1);
  }
  const random = new RandomStream(seed, 'random-programs.inputs');
  for (let step = 0; step < STEPS; step++) {
    const inputs = randomInputs(made, random);
    const outputs = [actual, expected].map((runtime) => ({ ...runtime.run(program, inputs) }));
    const variables = [actual, expected].map((runtime) =>
      Object.fromEntries(runtime.variables.map(({ name }) => [name, runtime.read(name)])),
    );
    const [one, other] = [0, 1].map((i) => ({ ...outputs[i], ...variables[i] }));
    for (const [name, values] of Object.entries(other!)) {
      const tolerance = { absolute: TOLERANCE * largest(values), relative: 0 };
      expectClose(one![name]!, values, { ...tolerance, name: `program ${seed}, step ${step}, ${name}` });
    }
  }
}

describe('createWasmEngine', () => {
  it.each([
    { threads: 1 },
    { threads: 2, threadsFrom: 0 },
    { threads: 3, threadsFrom: 0, fuse: false, relaxed: false },
  ])('agrees with the reference engine on random programs, whatever stands in its memory: %o', (options) => {
    const kernels = new Set<string>();
    for (let seed = 0; seed < PROGRAMS; seed++) {
      const random = new RandomStream(seed, 'random-programs');
      const made = randomProgram('random', random, 3 + random.nextBelow(28));
      const runtime = createWasmEngine(options).load([made.program]);
      for (const kernel of runtime.kernels('random')) kernels.add(kernel);
      poison(runtime, made);
      expectAgreement(runtime, createReferenceEngine().load([made.program]), made, seed);
    }
    const rare = [
      'ADAGRAD_SCALARS',
      'MERGE_ROWS',
      'ROW_ADDRESSES',
      'ROW_DOTS',
      'SCATTER_ROWS',
      'SUM_ROW_GRADIENTS',
      'SUM_SCALAR_GRADIENTS',
    ];
    expect([...kernels]).toEqual(expect.arrayContaining(['ADAGRAD_ROWS', 'NN', 'TN', ...rare]));
  });
});
