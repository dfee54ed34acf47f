import type { ScoringSession } from '@gru4rec/metrics';
import type { Runtime } from '@gru4rec/program';

/** Sessions side by side over the `score` program of a runtime; closing disposes the runtime. */
export function openScoring(runtime: Runtime, slots: number): ScoringSession {
  return {
    step(input, resetMask) {
      if (input.length !== slots) {
        throw new RangeError(`step: "input" expected ${slots} items, one a slot, got ${input.length}`);
      }
      const { scores } = runtime.run('score', { input, resetMask });
      return scores as Float32Array | Float64Array;
    },
    close() {
      runtime.dispose();
    },
  };
}
