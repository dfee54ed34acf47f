import {
  type Attributes,
  type Engine,
  type Graph,
  type InputValue,
  type Shape,
  type Tensor,
  tensorAt,
} from '@gru4rec/program';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Tolerance } from '../closeness.ts';
import { Trial } from './trial.ts';

/** An input of a region under test. */
export interface RegionInput extends Shape {
  /** Exact values; without them floats are uniform in [low, high), −1 to 1 unless told. */
  readonly values?: InputValue;
  readonly low?: number;
  readonly high?: number;
  /** Whether its gradient is wanted; true unless told, for floats. */
  readonly trained?: boolean;
}

/** One use of a region. */
export interface RegionCase {
  readonly region: string;
  readonly attributes: Attributes;
  readonly inputs: readonly RegionInput[];
  /** Appends the primitive ops of the region; the oracle runs them. */
  readonly compose: (body: Graph, ...inputs: Tensor[]) => readonly Tensor[];
  /** Outputs that the loss depends on; all if not given. */
  readonly lossOutputs?: readonly number[];
}

/** The engine to check, the regions to run on it and how closely they must agree with the reference. */
export interface RegionConformanceOptions {
  readonly name: string;
  /** Called once; may be asynchronous. */
  readonly createEngine: () => Engine | Promise<Engine>;
  readonly cases: readonly RegionCase[];
  readonly tolerance: Tolerance;
  /** Regions that the engine has kernels for; each must have a case. */
  readonly fusedRegions?: readonly string[];
}

/**
 * Registers a suite that compares each region's outputs, and the gradients of a weighted sum of them, on the
 * engine with the composed form on the reference. `<name>.gradient` is covered by the cases of `<name>`,
 * optimisers by `engineConformance`.
 */
export function regionConformance(options: RegionConformanceOptions): void {
  const { name, createEngine, cases, tolerance, fusedRegions = [] } = options;
  describe(`regions on engine ${name}`, () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await createEngine();
    });

    it('are held to a case for every fused kernel', () => {
      const covered = new Set([...cases.map((c) => c.region), 'adagrad']);
      expect(fusedRegions.filter((region) => !covered.has(region.replace(/\.gradient$/, '')))).toEqual([]);
    });

    for (const [i, regionCase] of cases.entries()) {
      const shapes = regionCase.inputs.map(({ rows, cols }) => `[${rows}, ${cols}]`).join(' ');
      const attributes = JSON.stringify(regionCase.attributes);
      it(`${i}: ${regionCase.region} ${attributes} of ${shapes} agrees with its composed form`, () => {
        regionTrial(regionCase).compare(engine, tolerance);
      });
    }
  });
}

function regionTrial(regionCase: RegionCase): Trial {
  const trial = new Trial(`region-${regionCase.region}`);
  const b = trial.builder;
  const inputs = regionCase.inputs.map((input, i) => regionInput(trial, input, `p${i}`));
  const outputs = b.region(regionCase.region, regionCase.attributes, inputs, regionCase.compose);
  const { lossOutputs = [...outputs.keys()] } = regionCase;
  const terms = lossOutputs.map((i) => {
    const output = tensorAt(outputs, i);
    const weights = trial.uniform(output.rows, output.cols);
    return b.sum(b.sum(b.multiply(output, weights), 1), 0);
  });
  const loss = terms.reduce((total, term) => b.add(total, term));
  for (const [i, output] of outputs.entries()) trial.check(`output ${i}`, output);
  for (const [name, gradient] of b.gradients(loss)) {
    if (gradient.kind === 'dense') trial.check(`gradient of ${name}`, gradient.tensor);
  }
  return trial;
}

function regionInput(trial: Trial, input: RegionInput, name: string): Tensor {
  const { dtype, rows, cols, values, low = -1, high = 1, trained = true } = input;
  if (dtype === 'i32') return trial.input({ dtype, rows, cols }, values ?? new Int32Array(rows * cols));
  const tensor = trial.variable(name, trained ? 'parameter' : 'constant', rows, cols);
  const given = typeof values === 'number' ? [values] : values;
  const drawn = (trial.variables.get(name) as Float32Array).map((x) => low + ((x + 1) / 2) * (high - low));
  trial.variables.set(name, given ? Float32Array.from(given) : drawn);
  return tensor;
}
