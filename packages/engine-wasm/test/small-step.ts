import { adagrad, type InputValue, type Program, ProgramBuilder, type Runtime } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';

const ITEMS = 40;
const UNITS = 10;
const SLOTS = 6;
const COLUMNS = 17;

/** A training step of all kinds of ops: a table by rows, a matrix, a state, dropout, a loss. */
export function smallStep(): Program {
  const b = new ProgramBuilder('small');
  const input = b.input('input', { dtype: 'i32', rows: SLOTS, cols: 1 });
  const columns = b.input('columns', { dtype: 'i32', rows: COLUMNS, cols: 1 });
  const philox = b.input('philox', { dtype: 'i32', rows: 4, cols: 1 });
  const table = b.variable('table', 'table', ITEMS, UNITS);
  const weights = b.variable('weights', 'parameter', UNITS, UNITS);
  const state = b.variable('state', 'state', SLOTS, UNITS);
  const next = b.tanh(b.add(b.matmul(b.gather(table, input), weights), state));
  const hidden = b.multiply(next, b.dropoutMask(philox, next, 0.25, 1));
  b.assign('state', hidden);
  const scores = b.matmul(b.gather(table, columns), hidden, { transposeB: true });
  const loss = b.sum(b.sum(b.sigmoid(scores), 0), 1);
  b.output('loss', loss);
  for (const [name, gradient] of b.gradients(loss)) {
    b.update(name, gradient, adagrad({ momentum: 0.3 }), [b.constant(0.05)]);
  }
  return b.build();
}

/** Loads the step with seeded values, perhaps after another program. */
export function loadSmallStep<R extends Runtime>(
  engine: { load(programs: readonly Program[]): R },
  ...others: readonly Program[]
): R {
  const runtime = engine.load([...others, smallStep()]);
  for (const { name, kind, rows, cols } of runtime.variables) {
    if (kind !== 'parameter' && kind !== 'table') continue;
    const random = new RandomStream(1, `small-step.${name}`);
    runtime.write(
      name,
      Float32Array.from({ length: rows * cols }, () => random.nextFloat() - 0.5),
    );
  }
  return runtime;
}

/** Inputs of a step, with a slot that has run out. */
export function smallStepInputs(step: number): Record<string, InputValue> {
  const random = new RandomStream(step, 'small-step.inputs');
  const input = Int32Array.from({ length: SLOTS }, () => random.nextBelow(ITEMS));
  input[2] = -1;
  const columns = Int32Array.from({ length: COLUMNS }, () => random.nextBelow(ITEMS));
  return { input, columns, philox: Int32Array.of(5, 0, step, 0) };
}

/** The losses of the first steps. */
export function smallLosses(runtime: Runtime, steps: number): number[] {
  return Array.from({ length: steps }, (_, step) =>
    Number(runtime.run('small', smallStepInputs(step)).loss?.[0]),
  );
}
