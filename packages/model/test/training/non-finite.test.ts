import { createReferenceEngine } from '@gru4rec/engine-reference';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import type { Engine, Runtime } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { buildTrainProgram } from '../../src/programs/build-train-program.ts';
import { checkFiniteVariables, NonFiniteParameterError } from '../../src/training/divergence.ts';
import { initializeVariables } from '../../src/training/initialize.ts';
import { tinyConfig } from '../tiny-data.ts';

const ITEMS = 30;
const UNITS = 12;

function initialized(engine: Engine): Runtime {
  const config = tinyConfig({ layers: [UNITS], momentum: 0.1 });
  const runtime = engine.load([buildTrainProgram(config, ITEMS)]);
  initializeVariables(runtime, new Int32Array(ITEMS).fill(1), config);
  return runtime;
}

/** Sets one value of a variable. */
function poison(runtime: Runtime, name: string, at: number, value: number): void {
  const values = Array.from(runtime.read(name));
  values[at] = value;
  runtime.write(name, values);
}

describe.each([createReferenceEngine(), createWasmEngine({ threads: 1 })])(
  'checkFiniteVariables on engine $name',
  (engine) => {
    it('accepts initial values', () => {
      expect(() => checkFiniteVariables(initialized(engine), 1)).not.toThrow();
    });

    it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
      'names variable, row and epoch of %s in one row of a table',
      (value) => {
        const runtime = initialized(engine);
        poison(runtime, 'Wy', 7 * UNITS + 3, value);
        const check = () => checkFiniteVariables(runtime, 4);
        expect(check).toThrow(NonFiniteParameterError);
        expect(check).toThrow(
          `train: "Wy" holds ${value} in row 7 at the end of epoch 4, and no loss has shown it. Lower learningRate or momentum, or set gradCap.`,
        );
      },
    );

    it('checks every parameter, table and slot, but not states and constants', () => {
      for (const { name, kind } of initialized(engine).variables) {
        const runtime = initialized(engine);
        poison(runtime, name, 0, Number.NaN);
        const check = () => checkFiniteVariables(runtime, 1);
        if (kind === 'state' || kind === 'constant') expect(check).not.toThrow();
        else expect(check).toThrow(`"${name}" holds NaN in row 0`);
      }
    });
  },
);

describe('checkFiniteVariables', () => {
  it('treats a float64 beyond float32 as infinite, as in a saved model', () => {
    const runtime = initialized(createReferenceEngine());
    poison(runtime, 'Wy', 0, 1e300);
    expect(() => checkFiniteVariables(runtime, 2)).toThrow('"Wy" holds 1e+300 in row 0');
  });
});
