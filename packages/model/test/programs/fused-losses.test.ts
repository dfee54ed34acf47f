import { createWasmEngine } from '@gru4rec/engine-wasm';
import { appendNodes, Graph, type Program, ProgramBuilder, type Region, type Tensor } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { expectClose, float32Tolerance, type RegionCase, regionConformance } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import type { LossInputs } from '../../src/losses/loss.ts';
import { type AppendLoss, type LossValues, lossInputs, lossWith } from '../losses/loss-cases.ts';
import { reference } from '../tiny-data.ts';

/** Sizes and data of one case: B slots, S samples. */
interface Case {
  readonly title: string;
  readonly slots: number;
  readonly samples: number;
  /** Finished slots: not live, and their target columns have weight 0. */
  readonly dead?: readonly number[];
  /** Weight of each sample, 1 by default. */
  readonly multiplicity?: readonly number[];
  /** Scores are uniform in [−spread, spread]. */
  readonly spread?: number;
}

const cases: readonly Case[] = [
  { title: 'whole vectors', slots: 8, samples: 24 },
  { title: 'a partial vector', slots: 5, samples: 13 },
  { title: 'dead slots', slots: 6, samples: 11, dead: [0, 3, 5] },
  { title: 'no samples', slots: 7, samples: 0 },
  { title: 'no samples and a dead slot', slots: 7, samples: 0, dead: [2] },
  { title: 'columns that count more than once', slots: 4, samples: 10, multiplicity: [2, 3, 1], dead: [1] },
  { title: 'several blocks of columns', slots: 10, samples: 150, dead: [9] },
  { title: 'large scores', slots: 4, samples: 12, spread: 60 },
  { title: 'equal scores', slots: 4, samples: 12, spread: 0 },
];

/** Losses with a kernel: their options, and whether logQ corrects the scores. */
const fused: readonly (readonly [keyof typeof kernels, LossValues, logq?: boolean])[] = [
  ['cross-entropy', {}],
  ['cross-entropy', {}, true],
  ['cross-entropy', { smoothing: 0.2 }],
  ['cross-entropy', { smoothing: 0.1 }, true],
  ['cross-entropy', { hardNegatives: 3 }],
  ['cross-entropy', { hardNegatives: 2, temperature: 0.5 }, true],
  ['bpr-max', { bpreg: 0.5 }],
  ['bpr-max', {}],
  ['bpr-max', { finalAct: 'elu-0.5', bpreg: 1.95 }],
  ['bpr-max', { finalAct: 'elu-1', bpreg: 1 }],
];
const kernels = { 'cross-entropy': 'CROSS_ENTROPY_GRADIENT', 'bpr-max': 'BPR_MAX_GRADIENT' } as const;
const losses = fused.map(([of, options, correction = false]) => ({
  name: `${of} ${JSON.stringify(options)}${correction ? ' with logQ' : ''}`,
  ...{ kernel: kernels[of], loss: lossWith(of, options), correction },
}));

/** Values of [scores, weight, live, correction], scores [N, B]. */
function draw({ slots, samples, dead = [], multiplicity = [1], spread = 3 }: Case): Float32Array[] {
  const random = new RandomStream(11, 'fused-losses');
  const columns = slots + samples;
  const uniform = (length: number, high: number): Float32Array =>
    Float32Array.from({ length }, () => (2 * random.nextFloat() - 1) * high);
  const weight = Float32Array.from({ length: columns }, (_, n) =>
    n < slots ? Number(!dead.includes(n)) : multiplicity[n % multiplicity.length]!,
  );
  const live = Float32Array.from({ length: slots }, (_, b) => Number(!dead.includes(b)));
  return [uniform(columns * slots, spread), weight, live, uniform(columns, 2)];
}

/** The program of `b`, which outputs the loss `value` and its gradient with respect to the scores. */
function withGradient(b: ProgramBuilder, value: Tensor): Program {
  const gradient = b.gradients(value).get('scores');
  if (gradient?.kind !== 'dense') throw new Error('expected a dense gradient');
  b.output('loss', value);
  b.output('gradient', gradient.tensor);
  return b.build();
}

function lossProgram(loss: AppendLoss, { slots, samples }: Case, correction: boolean) {
  const b = new ProgramBuilder('loss');
  const shape = { rows: slots + samples, cols: slots };
  const scores = b.variable('scores', 'parameter', shape.rows, slots);
  const inputs = lossInputs(b, shape, correction ? ['correction'] : []);
  return withGradient(b, loss(b, { scores, ...inputs }));
}

/** Expects that a program runs without `kernel`, and the outputs of the reference engine. */
function expectComposed(
  program: Program,
  kernel: string,
  scores: ArrayLike<number>,
  inputs: Record<string, Float32Array>,
): void {
  const composed = createWasmEngine().load([program]);
  const exact = reference.load([program]);
  for (const runtime of [composed, exact]) runtime.write('scores', scores);
  expect(composed.kernels('loss')).not.toContain(kernel);
  const [actual, expected] = [composed.run('loss', inputs), exact.run('loss', inputs)];
  for (const name of ['loss', 'gradient']) {
    expectClose(actual[name]!, expected[name]!, { ...float32Tolerance, name });
  }
}

describe.each(losses)('the kernel of $name', ({ loss, kernel, correction }) => {
  it.each(cases)('agrees with the composed form: $title', (sizes) => {
    const program = lossProgram(loss, sizes, correction);
    const [scores, weight, live, logq] = draw(sizes);
    const inputs = { weight: weight!, live: live!, ...(correction ? { correction: logq! } : {}) };
    const [fused, composed, split] = [{}, { fuse: false }, { threads: 3, threadsFrom: 0 }].map((options) =>
      createWasmEngine(options).load([program]),
    );
    expect(fused!.kernels('loss')).toContain(kernel);
    expect(composed!.kernels('loss')).not.toContain(kernel);
    const exact = reference.load([program]);
    for (const runtime of [fused!, composed!, split!, exact]) runtime.write('scores', scores!);
    const expected = exact.run('loss', inputs);
    for (const runtime of [fused!, composed!, split!]) {
      const actual = runtime.run('loss', inputs);
      for (const name of ['loss', 'gradient']) {
        expectClose(actual[name]!, expected[name]!, { ...float32Tolerance, name });
      }
    }
  });
});

it.each(losses)(
  'runs $name of a single slot, whose scores are dense, in the composed form',
  ({ loss, kernel }) => {
    const sizes: Case = { title: 'a single slot', slots: 1, samples: 9 };
    const program = lossProgram(loss, sizes, false);
    const [scores, weight, live] = draw(sizes);
    expectComposed(program, kernel, scores!, { weight: weight!, live: live! });
  },
);

it('distinguishes losses of the same scores with other constants', () => {
  const { b, inputs } = plainInputs();
  for (const smoothing of [0.5, 0]) {
    const loss = lossWith('cross-entropy', { smoothing })(b, inputs);
    const gradient = b.gradients(loss).get('scores');
    if (gradient?.kind === 'dense') b.output(`gradient ${smoothing}`, gradient.tensor);
  }
  expectKernel(b.build(), 2);
});

it('gives the gradient of an unread loss', () => {
  const { b, inputs } = plainInputs();
  const gradient = b.gradients(lossWith('cross-entropy')(b, inputs)).get('scores');
  if (gradient?.kind === 'dense') b.output('gradient', gradient.tensor);
  expectKernel(b.build(), 1);
});

/** Scores of four live slots and two samples that count once. */
function plainInputs(): { b: ProgramBuilder; inputs: LossInputs } {
  const b = new ProgramBuilder('plain');
  const scores = b.variable('scores', 'parameter', 6, 4);
  return { b, inputs: { scores, weight: b.constant(1, 6, 1), live: b.constant(1, 1, 4) } };
}

/** Expects `kernels` runs of the cross-entropy kernel, and the outputs of the reference engine. */
function expectKernel(program: Program, runs: number): void {
  const fused = createWasmEngine().load([program]);
  const kernels = fused.kernels(program.name);
  expect(kernels.filter((kernel) => kernel === 'CROSS_ENTROPY_GRADIENT').length).toBe(runs);
  const [actual, expected] = [fused, reference.load([program])].map((runtime) => {
    runtime.write(
      'scores',
      Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)),
    );
    return runtime.run(program.name, {});
  });
  for (const [name, values] of Object.entries(expected!)) {
    expectClose(actual![name]!, values, { ...float32Tolerance, name });
  }
}

it('runs a final activation without a kernel in the composed form', () => {
  const [scores, weight, live] = draw(cases[0]!);
  const program = lossProgram(lossWith('bpr-max', { finalAct: 'tanh', bpreg: 1 }), cases[0]!, false);
  expectComposed(program, 'BPR_MAX_GRADIENT', scores!, { weight: weight!, live: live! });
});

it('runs bpr-max with own columns off the diagonal in the composed form', () => {
  // Two slots whose targets are items 0 and 2 of three: targets with weight 0, then every item.
  const [slots, items] = [2, 3];
  const b = new ProgramBuilder('loss');
  const scores = b.variable('scores', 'parameter', slots + items, slots);
  const weight = b.concat(b.constant(0, slots, 1), b.constant(1, items, 1));
  const ownColumns = b.input('own', { dtype: 'f32', rows: slots + items, cols: slots });
  const inputs = { scores, weight, live: b.constant(1, 1, slots), own: ownColumns };
  const loss = lossWith('bpr-max', { finalAct: 'elu-0.5', bpreg: 1 })(b, inputs);
  const own = Float32Array.of(1, 0, 0, 1, 1, 0, 0, 0, 0, 1);
  expectComposed(withGradient(b, loss), 'BPR_MAX_GRADIENT', [2, -1, 0.5, 1, 2, 0.5, 3, -2, -1, 1], { own });
});

/** A loss's region, reused with other inputs and cotangents. */
function regionCase(loss: AppendLoss, sizes: Case): RegionCase {
  const [scores, weight, live, logq] = draw(sizes);
  const { slots, samples } = sizes;
  const columns = slots + samples;
  const graph = new Graph();
  const source = (rows: number, cols: number) => graph.source({ dtype: 'f32', rows, cols });
  const given = { scores: source(columns, slots), weight: source(columns, 1), live: source(1, slots) };
  loss(graph, { ...given, correction: source(columns, 1) });
  const region = graph.nodes.find((node) => node.region)?.region as Region;
  const values = [scores!, weight!, live!, logq!].slice(0, region.inputs.length);
  return {
    region: region.name,
    attributes: region.attributes,
    inputs: region.inputs.map(({ dtype, rows, cols }, i) => ({
      dtype,
      rows,
      cols,
      values: values[i]!,
      trained: i === 0,
    })),
    compose: (body, ...own) => {
      const map = new Map(region.inputs.map((t, i) => [t.id, own[i] as Tensor]));
      appendNodes(body, region.nodes, map);
      return region.outputs.map((t) => map.get(t.id) as Tensor);
    },
  };
}

// A cotangent other than 1: the kernels do not serve it, and the engine must notice.
regionConformance({
  name: 'wasm',
  createEngine: () => createWasmEngine(),
  tolerance: float32Tolerance,
  cases: losses.flatMap(({ loss }) => [cases[1]!, cases[3]!].map((sizes) => regionCase(loss, sizes))),
  fusedRegions: ['cross-entropy', 'cross-entropy.gradient', 'bpr-max', 'bpr-max.gradient'],
});
