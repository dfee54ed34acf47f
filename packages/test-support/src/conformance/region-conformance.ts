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
  /** Its values. Default: floats uniform in [low, high), zeros for indices. */
  readonly values?: InputValue;
  /** Default: −1. */
  readonly low?: number;
  /** Default: 1. */
  readonly high?: number;
  /** Whether to compare its gradient. Default: true; ignored for indices. */
  readonly trained?: boolean;
}

/** One use of a region. */
export interface RegionCase {
  readonly region: string;
  readonly attributes: Attributes;
  readonly inputs: readonly RegionInput[];
  /** Appends the primitive ops of the region, which the reference engine runs. */
  readonly compose: (body: Graph, ...inputs: Tensor[]) => readonly Tensor[];
  /** Indices of the outputs that the loss depends on. Default: all. */
  readonly lossOutputs?: readonly number[];
}

/** The engine to check, the regions to run on it and how closely they must agree with the reference. */
export interface RegionConformanceOptions {
  readonly name: string;
  /** Called once. */
  readonly createEngine: () => Engine | Promise<Engine>;
  readonly cases: readonly RegionCase[];
  readonly tolerance: Tolerance;
  /** Names of the regions that the engine has kernels for. Each must have a case. */
  readonly fusedRegions?: readonly string[];
}

/**
 * Registers a test suite that compares each region on the engine with its composed form on the reference engine: its
 * outputs, and the gradients of a weighted sum of them. The cases of `<name>` cover `<name>.gradient`;
 * `engineConformance` covers optimisers.
 */
export function regionConformance(options: RegionConformanceOptions): void {
  const { name, createEngine, cases, tolerance, fusedRegions = [] } = options;
  describe(`regions on engine ${name}`, () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await createEngine();
    });

    it('include every region that has a fused kernel', () => {
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
