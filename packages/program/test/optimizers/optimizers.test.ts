import {
  adadelta,
  adagrad,
  adam,
  type InputValue,
  type Optimizer,
  ProgramBuilder,
  type Runtime,
  rmsprop,
  sgd,
} from '@gru4rec/program';
import { expectClose } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { createReferenceEngine } from '../../src/interpreter/index.ts';
import { uniform } from '../fixtures.ts';

/** One element of a variable and its slots. */
interface Element {
  readonly value: number;
  readonly slots: readonly number[];
}

/** The oracle: an optimiser's rule for one element, at step t (from 1) with rate η. */
type ElementRule = (before: Element, gradient: number, eta: number, t: number) => Element;

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

function expectElements(runtime: Runtime, { slots }: Optimizer, expected: readonly Element[], t: number) {
  for (const [i, name] of ['w', ...slots.map((slot) => `w.${slot}`)].entries()) {
    const values = expected.map((element) => [element.value, ...element.slots][i] ?? Number.NaN);
    expectClose(runtime.read(name), values, { ...exact, name: `step ${t}, ${name}` });
  }
}

/**
 * Runs an optimiser for several random steps on a dense variable, then by rows on a table with equal rows, −1 and
 * untouched rows, and compares every value and slot with the rule after every step.
 */
function expectFollows(optimizer: Optimizer, rule: ElementRule): void {
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

/** What the optimisers have in common. */
interface Options {
  readonly momentum: number;
  readonly weightDecay: number;
}

const [decay, beta1, beta2] = [0.9, 0.9, 0.99];
const epsilon = 1e-6;

/** An optimiser and its rule, written for one element. */
const rules: Readonly<Record<string, (options: Options) => [Optimizer, ElementRule]>> = {
  sgd: ({ momentum, weightDecay }) => [
    sgd({ momentum, weightDecay }),
    ({ value, slots: [mom = 0] }, g, eta) => {
      const step = momentum * mom - eta * (g + weightDecay * value);
      return { value: value + step, slots: [step] };
    },
  ],
  adagrad: ({ momentum, weightDecay }) => [
    adagrad({ momentum, weightDecay }),
    ({ value, slots: [acc = 0, mom = 0] }, g, eta) => {
      const sum = acc + g ** 2;
      const step = momentum * mom - eta * (g / Math.sqrt(sum + epsilon) + weightDecay * value);
      return { value: value + step, slots: [sum, step] };
    },
  ],
  rmsprop: ({ momentum, weightDecay }) => [
    rmsprop({ decay, momentum, weightDecay }),
    ({ value, slots: [acc = 0, mom = 0] }, g, eta) => {
      const average = decay * acc + (1 - decay) * g ** 2;
      const step = momentum * mom - eta * (g / Math.sqrt(average + epsilon) + weightDecay * value);
      return { value: value + step, slots: [average, step] };
    },
  ],
  adadelta: ({ weightDecay }) => [
    adadelta({ decay, weightDecay }),
    ({ value, slots: [acc = 0, acd = 0] }, g, eta) => {
      const squares = decay * acc + (1 - decay) * g ** 2;
      const d = (g * Math.sqrt(acd + epsilon)) / Math.sqrt(squares + epsilon);
      const steps = decay * acd + (1 - decay) * d ** 2;
      return { value: value - eta * (d + weightDecay * value), slots: [squares, steps] };
    },
  ],
  adam: ({ weightDecay }) => [
    adam({ beta1, beta2, weightDecay }),
    ({ value, slots: [m = 0, v = 0] }, g, eta, t) => {
      const mean = beta1 * m + (1 - beta1) * g;
      const square = beta2 * v + (1 - beta2) * g ** 2;
      const d = mean / (1 - beta1 ** t) / (Math.sqrt(square / (1 - beta2 ** t)) + 1e-8);
      return { value: value - eta * (d + weightDecay * value), slots: [mean, square] };
    },
  ],
};

describe.each(Object.entries(rules))('%s', (name, ruleOf) => {
  const momenta = ['adadelta', 'adam'].includes(name) ? [0] : [0, 0.4];
  const options = momenta.flatMap((momentum) => [0, 0.05].map((weightDecay) => ({ momentum, weightDecay })));

  it.each(options)('follows its rule with %j', (given) => {
    expect(() => expectFollows(...ruleOf(given))).not.toThrow();
  });
});

it.each<[Optimizer, slots: string[]]>([
  [sgd(), []],
  [sgd({ momentum: 0.1 }), ['mom']],
  [adagrad(), ['acc']],
  [adagrad({ momentum: 0.1 }), ['acc', 'mom']],
  [rmsprop({ decay }), ['acc']],
  [rmsprop({ decay, momentum: 0.1 }), ['acc', 'mom']],
  [adadelta({ decay }), ['acc', 'acd']],
  [adam({ beta1, beta2 }), ['m', 'v']],
])('$name has the slots that it needs: %#', ({ slots }, expected) => {
  expect(slots).toEqual(expected);
});

it('adagrad includes every constant in its region’s name, by which equal regions are merged', () => {
  const scalar = { dtype: 'f32', rows: 1, cols: 1 } as const;
  const constants = { momentum: 0.1, weightDecay: 0.2, epsilon: 0.3 };
  expect(adagrad(constants).compose({ next: 0 }, scalar).attributes).toEqual(constants);
});

describe('the corrections of adam', () => {
  it('undo the start at 0', () => {
    const optimizer = adam({ beta1: 0.5, beta2: 0.75 });
    expect(optimizer.scalarsAt(1)).toEqual({ firstMomentScale: 2, secondMomentScale: 2 });
    expect(optimizer.scalarsAt(2)).toEqual({
      firstMomentScale: 1 / 0.75,
      secondMomentScale: 1 / Math.sqrt(7 / 16),
    });
  });

  it('refuse a step before the first', () => {
    for (const t of [0, Number.NaN]) {
      expect(() => adam({ beta1, beta2 }).scalarsAt(t)).toThrow(
        new RangeError(`adam: expected a step from 1, got ${t}`),
      );
    }
  });
});
