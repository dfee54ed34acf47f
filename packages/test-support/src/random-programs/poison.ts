import type { Runtime } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { type RandomProgram, randomInputs } from './random-program.ts';

/** Fills all memory that a step leaves with NaN, which must not reach the next step. */
export function poison(runtime: Runtime, made: RandomProgram): void {
  for (const { name, kind, rows, cols } of runtime.variables) {
    runtime.write(name, new Float32Array(rows * cols).fill(kind === 'slot' ? 0 : Number.NaN));
  }
  const inputs = randomInputs(made, new RandomStream(1, 'poison'));
  for (const values of Object.values(inputs)) if (values instanceof Float32Array) values.fill(Number.NaN);
  runtime.run(made.program.name, inputs);
}
