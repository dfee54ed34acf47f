import type { Engine, RuntimeArray } from '@gru4rec/program';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { float32Tolerance } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { Trial } from '../../src/conformance/trial.ts';

/** The reference engine, but with an error of 0.001 in the last value of every output. */
function faultyEngine(): Engine {
  return {
    name: 'faulty',
    load(programs) {
      const runtime = createReferenceEngine().load(programs);
      const damage = (values: RuntimeArray): RuntimeArray => {
        values[values.length - 1] += 0.001;
        return values;
      };
      return {
        variables: runtime.variables,
        run: (name, inputs) =>
          Object.fromEntries(
            Object.entries(runtime.run(name, inputs)).map(([key, value]) => [key, damage(value)]),
          ),
        read: (name) => runtime.read(name),
        detach: (name) => runtime.detach(name),
        write: (name, values) => runtime.write(name, values),
        dispose: () => runtime.dispose(),
      };
    },
  };
}

describe('Trial', () => {
  it('finds one wrong value and names its output', () => {
    const trial = new Trial('faulty');
    trial.check('sigmoid of [2, 3]', trial.builder.sigmoid(trial.uniform(2, 3)));
    expect(() => trial.compare(faultyEngine(), float32Tolerance)).toThrow(
      /step 0, sigmoid of \[2, 3\] \[5\]: expected .*; 1 of 6 values differ/,
    );
  });
});
