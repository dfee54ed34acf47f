import { readdirSync, readFileSync } from 'node:fs';
import type { Batch } from '@gru4rec/batcher';
import type { Engine } from '@gru4rec/program';
import { logSupport } from '@gru4rec/sampler';
import { parseConfig } from '../../src/config.ts';
import { buildTrainProgram } from '../../src/programs/build-train-program.ts';
import { VECTORS } from '../../src/programs/item-features.ts';
import { TrainingStep } from '../../src/programs/training-step.ts';

const folder = new URL('../../../test-support/golden/features/', import.meta.url);
/** Files of the recorded runs with features. */
export const names: readonly string[] = readdirSync(folder).filter((name) => name.endsWith('.json'));

type Tensors = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly data: readonly number[] }>
>;
type Step = Readonly<
  Record<'input' | 'target' | 'resetMask' | 'live' | 'samples' | 'clickFeatures', readonly number[]>
>;

interface Golden {
  readonly config: Readonly<Record<string, unknown>>;
  readonly itemCount: number;
  readonly support: readonly number[];
  readonly features: { readonly count: number; readonly perItem: number; readonly table: readonly number[] };
  readonly vectors?: { readonly width: number; readonly table: readonly number[] };
  readonly clicks: { readonly count: number; readonly perClick: number };
  readonly steps: readonly Step[];
  readonly losses: readonly number[];
  readonly initial: Tensors;
  readonly final: Tensors;
}

/**
 * Repeats a recorded run.
 * @returns the largest relative difference of a loss, and the largest difference of a tensor by its largest magnitude.
 */
export function differences(name: string, engine: Engine): { loss: number; parameters: number } {
  const golden = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Golden;
  const config = parseConfig(golden.config);
  const table = Int32Array.from(golden.features.table);
  const vectors = golden.vectors && {
    ...{ width: golden.vectors.width, vectors: Float32Array.from(golden.vectors.table) },
  };
  const features = { ...golden.features, table, scale: config.itemFeatureScale, ...vectors };
  const clicks = { ...golden.clicks, scale: config.clickFeatureScale };
  const program = buildTrainProgram(config, golden.itemCount, { features, clicks });
  const runtime = engine.load([program as never]);
  for (const [name, { data }] of Object.entries(golden.initial)) runtime.write(name, Float64Array.from(data));
  if (vectors) runtime.write(VECTORS, vectors.vectors);
  if (runtime.variables.some(({ name }) => name === 'logSupport')) {
    runtime.write('logSupport', logSupport(golden.support));
  }
  const step = new TrainingStep(runtime, config, { dropoutSeed: 1, program, features, clicks });
  let loss = 0;
  for (const [at, given] of golden.steps.entries()) {
    const batch = {
      ...{ input: Int32Array.from(given.input), target: Int32Array.from(given.target) },
      ...{ resetMask: Float32Array.from(given.resetMask), live: Float32Array.from(given.live) },
      context: Int32Array.from(given.clickFeatures),
    } as unknown as Batch;
    const got = step.run(batch, Int32Array.from(given.samples), at, config.learningRate);
    const expected = Number(golden.losses[at]);
    loss = Math.max(loss, Math.abs(got - expected) / Math.abs(expected));
  }
  let parameters = 0;
  for (const [name, { data }] of Object.entries(golden.final)) {
    const got = runtime.read(name);
    const largest = Math.max(...data.map(Math.abs));
    const apart = Math.max(...data.map((value, at) => Math.abs(value - Number(got[at]))));
    parameters = Math.max(parameters, apart / largest);
  }
  runtime.dispose();
  return { loss, parameters };
}
