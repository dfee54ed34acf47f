import { type InputValue, type Optimizer, ProgramBuilder, type Runtime } from '@gru4rec/program';
import { expectClose } from '@gru4rec/test-support';
import { createReferenceEngine } from '../../src/interpreter/index.ts';
import { uniform } from '../fixtures.ts';

/** One element of a variable and its slots. */
interface Element {
  readonly value: number;
  readonly slots: readonly number[];
}

/** The oracle: an optimiser's rule for one element, at step t (from 1) with rate η. */
export type ElementRule = (before: Element, gradient: number, eta: number, t: number) => Element;

const [ROWS, COLS, STEPS] = [6, 3, 8];
const exact = { absolute: 1e-12, relative: 1e-12 };

/** A step that updates `w` [rows, cols] by gradients given as inputs, dense or by rows. */
function updateRuntime(
  optimizer: Optimizer,
  { rows, cols, indices }: { rows: number; cols: number; indices: number },
): Runtime {
  const b = new ProgramBuilder('step');
  b.variable('w', indices > 0 ? 'table' : 'parameter', rows, cols);
  const gradient = b.input('gradient', { dtype: 'f32', rows: indices || rows, cols });
  const scalars = optimizer.scalars.map((name) => b.input(name, { dtype: 'f32', rows: 1, cols: 1 }));
  if (indices === 0) b.update('w', { kind: 'dense', tensor: gradient }, optimizer, scalars);
  else {
    const parts = [{ indices: b.input('indices', { dtype: 'i32', rows: indices, cols: 1 }), rows: gradient }];
    b.update('w', { kind: 'rows', parts }, optimizer, scalars);
  }
  return createReferenceEngine().load([b.build()]);
}

function expectElements(
  runtime: Runtime,
  { slots }: Optimizer,
  expected: readonly Element[],
  t: number,
): void {
  const at = (name: string) => ({ ...exact, name: `step ${t}, ${name}` });
  expectClose(
    runtime.read('w'),
    expected.map(({ value }) => value),
    at('w'),
  );
  for (const [i, slot] of slots.entries()) {
    expectClose(
      runtime.read(`w.${slot}`),
      expected.map((element) => element.slots[i] ?? Number.NaN),
      at(slot),
    );
  }
}

/**
 * Runs an optimiser for several random steps on a dense variable, then by rows on a table with equal rows, −1 and
 * untouched rows, and compares every value and slot with the rule after every step.
 */
export function expectFollows(optimizer: Optimizer, rule: ElementRule): void {
  for (const indices of [0, 7]) {
    const runtime = updateRuntime(optimizer, { rows: ROWS, cols: COLS, indices });
    let elements = Array.from(
      uniform(ROWS * COLS, indices),
      (value): Element => ({ value, slots: optimizer.slots.map(() => 0) }),
    );
    runtime.write(
      'w',
      elements.map(({ value }) => value),
    );
    for (let t = 1; t <= STEPS; t++) {
      const gradient = uniform((indices || ROWS) * COLS, 100 + t);
      const learningRate = 0.1 / t;
      const inputs: Record<string, InputValue> = { gradient, learningRate, ...optimizer.scalarsAt(t) };
      const touched = indices > 0 ? touchedRows(indices, t) : Int32Array.from({ length: ROWS }, (_, i) => i);
      if (indices > 0) inputs['indices'] = touched;
      runtime.run('step', inputs);
      const sums = elementSums(touched, gradient);
      elements = elements.map((element, i) => {
        const g = sums.get(i);
        return g === undefined ? element : rule(element, g, learningRate, t);
      });
      expectElements(runtime, optimizer, elements, t);
    }
  }
}

/** Rows 0 to 3, some twice, and −1; two rows of the table never occur. */
function touchedRows(length: number, t: number): Int32Array {
  const rows = Int32Array.from(uniform(length, t), (x) => Math.floor(2 + 1.99 * x));
  rows[2] = rows[0] as number;
  rows[5] = -1;
  return rows;
}

/** The summed gradient of each touched element. */
function elementSums(indices: Int32Array, gradient: Float32Array): Map<number, number> {
  const sums = new Map<number, number>();
  for (const [i, g] of gradient.entries()) {
    const row = indices[Math.floor(i / COLS)] as number;
    const at = row * COLS + (i % COLS);
    if (row >= 0) sums.set(at, (sums.get(at) ?? 0) + g);
  }
  return sums;
}
