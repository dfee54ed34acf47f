import type { InputValue, Program } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { makers } from './makers.ts';
import { ProgramWriter } from './program-writer.ts';

/** Fewest ops, and how many numbers of ops there are. */
const [FEWEST, COUNTS] = [3, 28];

/** A random program and the height that each of its index inputs may reach. */
export interface RandomProgram {
  readonly seed: number;
  readonly program: Program;
  readonly limits: ReadonlyMap<string, number>;
}

/** Makes a program of a few to thirty random ops, with updates and outputs; the same seed gives the same program. */
export function randomProgram(seed: number): RandomProgram {
  const random = new RandomStream(seed, 'random-programs');
  const length = FEWEST + random.nextBelow(COUNTS);
  const writer = new ProgramWriter('random', random);
  for (let i = 0; i < length; i++) writer.append(writer.pick(makers)(writer));
  return { seed, program: writer.finish(), limits: writer.limits };
}

/** Values for a program's inputs: floats of both signs, indices with equal and absent ones. */
export function randomInputs(
  { program, limits }: RandomProgram,
  random: RandomStream,
): Record<string, InputValue> {
  const entries = Object.entries(program.inputs).map(([name, { dtype, rows, cols }]) => {
    const length = rows * cols;
    if (dtype === 'f32')
      return [name, Float32Array.from({ length }, () => 2 * random.nextFloat() - 1)] as const;
    const limit = Math.min(limits.get(name) ?? 1000, 1000);
    return [name, Int32Array.from({ length }, () => random.nextBelow(limit + 1) - 1)] as const;
  });
  return Object.fromEntries(entries);
}
