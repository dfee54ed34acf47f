import type { Batch } from '@gru4rec/batcher';
import type { Runtime } from '@gru4rec/program';
import type { TrainingStep } from '../../src/programs/training-step.ts';

/** Four slots over nine items; the third has no session. */
export const batch = {
  input: Int32Array.of(3, 4, -1, 5),
  target: Int32Array.of(2, 0, -1, 5),
  resetMask: Float32Array.of(0, 0, 0, 1),
  live: Float32Array.of(1, 1, 0, 1),
  liveSlots: 3,
} as Batch;
export const samples: Int32Array = Int32Array.of(2, 8, 2, 0, 7, 4);

export const read = (runtime: Runtime, name: string): Float64Array => Float64Array.from(runtime.read(name));

/** Loss of a step with the learning rate 1, and how it changed each variable. */
export function stepOf(runtime: Runtime, step: TrainingStep, of: Batch, drawn: Int32Array | undefined) {
  const before = new Map(runtime.variables.map(({ name }) => [name, read(runtime, name)]));
  const loss = step.run(of, drawn, 0, 1);
  const change = (name: string): Float64Array =>
    read(runtime, name).map((value, at) => value - Number(before.get(name)?.[at]));
  return { loss, change };
}
