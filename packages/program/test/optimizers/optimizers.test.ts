import { adadelta, adagrad, adam, type Optimizer, rmsprop, sgd } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { type ElementRule, expectFollows } from './element-oracle.ts';

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
