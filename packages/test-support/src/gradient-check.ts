import {
  type InputValue,
  type Program,
  ProgramBuilder,
  type Runtime,
  runProgram,
  type ScalarArray,
  sgd,
  type Tensor,
} from '@gru4rec/program';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { RandomStream } from '@gru4rec/random';
import { expectClose, type Tolerance } from './closeness.ts';

/** A parameter of a checked loss, with seeded values uniform in [low, high). */
export interface CheckedParameter {
  readonly rows: number;
  readonly cols: number;
  /** Default: −1. */
  readonly low?: number;
  /** Default: 1. */
  readonly high?: number;
}

/** Values, step and tolerance of a comparison with finite differences. */
export interface GradientCheckOptions {
  /** Values of the inputs that `build` declares. */
  readonly inputs?: Readonly<Record<string, InputValue>>;
  /** Half of the distance between the two points of a difference. Default: 1e-5. */
  readonly step?: number;
  /** Default: 1e-7 absolute and 1e-6 relative. */
  readonly tolerance?: Tolerance;
  /** Seed of the parameters' values. Default: 1. */
  readonly seed?: number;
}

/**
 * Expects the gradients of a loss to equal central finite differences, on the reference engine in float64.
 *
 * @param build - appends the loss, [1, 1], as a function of one tensor per parameter.
 */
export function checkGradient(
  build: (builder: ProgramBuilder, ...parameters: Tensor[]) => Tensor,
  parameters: readonly CheckedParameter[],
  options: GradientCheckOptions = {},
): void {
  const { inputs = {}, step = 1e-5, tolerance = { absolute: 1e-7, relative: 1e-6 }, seed = 1 } = options;
  const random = new RandomStream(seed, 'test-support.gradient-check');
  const names = parameters.map((_, i) => `p${i}`);
  const values = parameters.map(({ rows, cols, low = -1, high = 1 }) =>
    Float64Array.from({ length: rows * cols }, () => low + (high - low) * random.nextFloat()),
  );
  const [program, descent] = [lossProgram(build, parameters, false), lossProgram(build, parameters, true)];
  const runtime = createReferenceEngine().load([program, descent]);
  const lossOf = (): number => runProgram(runtime, program, inputs).loss[0];
  for (const [i, name] of names.entries()) {
    const start = values[i] as Float64Array;
    for (const [j, other] of names.entries()) runtime.write(other, values[j] as Float64Array);
    const numeric = start.map((_, at) => centralDifference(runtime, name, start, at, { lossOf, step }));
    runtime.write(name, start);
    runProgram(runtime, descent, inputs);
    const after = runtime.read(name);
    const analytic = start.map((value, at) => value - (after[at] as number));
    expectClose(analytic, numeric, { ...tolerance, name: `gradient of parameter ${i}` });
  }
}

type Inputs = Readonly<Record<string, InputValue>>;

function lossProgram(
  build: (builder: ProgramBuilder, ...parameters: Tensor[]) => Tensor,
  parameters: readonly CheckedParameter[],
  descend: boolean,
): Program<Inputs, { readonly loss: ScalarArray }> {
  const builder = new ProgramBuilder<Inputs, { readonly loss: ScalarArray }>(descend ? 'gradient' : 'loss');
  const tensors = parameters.map(({ rows, cols }, i) => builder.variable(`p${i}`, 'parameter', rows, cols));
  const loss = build(builder, ...tensors);
  builder.output('loss', loss);
  if (descend) {
    // A step of SGD with rate 1 subtracts the gradient, dense or by rows, so it can be read as a difference.
    for (const [name, gradient] of builder.gradients(loss)) {
      builder.update(name, gradient, sgd(), [builder.constant(1)]);
    }
  }
  return builder.build();
}

function centralDifference(
  runtime: Runtime,
  name: string,
  start: Float64Array,
  at: number,
  { lossOf, step }: { lossOf: () => number; step: number },
): number {
  const lossAt = (offset: number): number => {
    const moved = start.slice();
    moved[at] = (moved[at] as number) + offset;
    runtime.write(name, moved);
    return lossOf();
  };
  return (lossAt(step) - lossAt(-step)) / (2 * step);
}
