import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RandomStream } from '@gru4rec/random';
import type { EngineChoice } from './engine-choice.ts';
import type { Work } from './measure.ts';
import { ITEMS, type MeasuredConfig, type StepInputs } from './workload.ts';

/** File names of the prototype's builds. */
const builds = { 'cross-entropy': 'e1', 'bpr-max': 'e2' } as const;
const LEARNING_RATE = 0.05;

/** Why a folder is not a built prototype; undefined if it is one. */
export function prototypeProblem(folder: string): string | undefined {
  const files = ['lib.mjs', ...Object.values(builds).flatMap((build) => [`${build}.json`, `${build}.wasm`])];
  const missing = files.filter((file) => !existsSync(join(folder, file)));
  if (missing.length === 0) return undefined;
  return `"prototype" expected a folder with ${files.join(', ')}; ${missing.join(', ')} missing in ${folder}`;
}

interface Sizes {
  readonly H: number;
  readonly B: number;
  readonly I: number;
  readonly NMAX: number;
  /** Bytes per table row. */
  readonly ROWB: number;
  readonly L: Readonly<Record<string, number>>;
}

/** The object that the prototype's `lib.mjs` creates. */
interface Prototype {
  readonly meta: Sizes;
  readonly f32: Float32Array;
  F(name: string, length: number): Float32Array;
  Ii(name: string, length: number): Int32Array;
  step(...numbers: number[]): void;
}

/**
 * Loads the hand-fused step of a configuration from a folder with the built prototype, with as many threads as ours.
 * @throws RangeError if it was built for other sizes.
 */
export async function loadPrototype(
  folder: string,
  config: MeasuredConfig,
  steps: readonly StepInputs[],
  { threads = 1, relaxed = false }: EngineChoice,
): Promise<Work> {
  const build = join(folder, builds[config.loss]);
  checkSizes(JSON.parse(readFileSync(`${build}.json`, 'utf8')), config);
  const { make } = await import(pathToFileURL(join(folder, 'lib.mjs')).href);
  const prototype: Prototype = await make(build, threads, relaxed);
  fillTables(prototype);
  const { B, NMAX } = prototype.meta;
  const [inputs, columns] = [prototype.Ii('INP', B), prototype.Ii('COLS', NMAX)];
  const { momentum, dropoutPEmbed, dropoutPHidden, bpreg } = config;
  let n = 0;
  return (times) => {
    for (let i = 0; i < times; i++) {
      const { batch, samples } = steps[n % steps.length] as StepInputs;
      inputs.set(batch.input);
      columns.set(batch.target);
      columns.set(samples, B);
      prototype.step(n++, 0, LEARNING_RATE, momentum, dropoutPEmbed, dropoutPHidden, bpreg);
    }
  };
}

function checkSizes({ H, B, I, NMAX }: Sizes, config: MeasuredConfig): void {
  const { layers, batchSize, nSample, loss } = config;
  const expected = [layers[0], batchSize, ITEMS, batchSize + nSample].join(', ');
  const got = [H, B, I, NMAX].join(', ');
  if (got === expected) return;
  throw new RangeError(`prototype: the build for ${loss} expected H, B, I, N = ${expected}, got ${got}`);
}

function fillTables(prototype: Prototype): void {
  const random = new RandomStream(1, 'benchmark.prototype');
  const { H, I, ROWB, L } = prototype.meta;
  const table = prototype.f32.subarray((L.P_W ?? 0) / 4);
  for (let item = 0; item < I; item++) {
    const row = (ROWB / 4) * item;
    for (let k = 0; k < H; k++) table[row + k] = (random.nextFloat() - 0.5) * 0.3;
  }
  const gates = prototype.F('WG', 6 * H * H);
  for (let i = 0; i < gates.length; i++) gates[i] = (random.nextFloat() - 0.5) * 0.2;
}
