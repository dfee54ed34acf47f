import type { InputValue, Program } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { makers } from './makers.ts';
import { ProgramWriter } from './program-writer.ts';

const MIN_OPS = 3;
const MAX_OPS = 30;

/** A random program, and the limits of its inputs. */
export interface RandomProgram {
  readonly seed: number;
  readonly program: Program;
  /** Exclusive limit of the indices in each index input, by name. */
  readonly limits: ReadonlyMap<string, number>;
}

/** Makes a program of 3 to 30 random ops, with updates and outputs. The same seed gives the same program. */
export function randomProgram(seed: number): RandomProgram {
  const random = new RandomStream(seed, 'random-programs');
  const length = MIN_OPS + random.nextBelow(MAX_OPS - MIN_OPS + 1);
  const writer = new ProgramWriter('random', random);
  for (let i = 0; i < length; i++) writer.append(writer.pick(makers)(writer));
  return { seed, program: writer.finish(), limits: writer.limits };
}

/**
 * Values for a program's inputs: floats uniform in [−1, 1), and indices that include −1. Vectors of indices have duplicates, the
 * rows of a matrix, which `adjust` reads, have none.
 */
export function randomInputs(
  { program, limits }: RandomProgram,
  random: RandomStream,
): Record<string, InputValue> {
  const entries = Object.entries(program.inputs).map(([name, { dtype, rows, cols }]) => {
    const length = rows * cols;
    if (dtype === 'f32')
      return [name, Float32Array.from({ length }, () => 2 * random.nextFloat() - 1)] as const;
    const limit = Math.min(limits.get(name) ?? 1000, 1000);
    if (cols === 1)
      return [name, Int32Array.from({ length }, () => random.nextBelow(limit + 1) - 1)] as const;
    const starts = Int32Array.from({ length: rows }, () => random.nextBelow(limit + 1));
    const indices = Int32Array.from({ length }, (_, at) => {
      const place = at % cols;
      return place > limit ? -1 : ((Number(starts[Math.floor(at / cols)]) + place) % (limit + 1)) - 1;
    });
    return [name, indices] as const;
  });
  return Object.fromEntries(entries);
}
