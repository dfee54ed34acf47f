import { rmsprop } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { expectFollows } from './element-oracle.ts';

describe('rmsprop', () => {
  it('has a momentum slot only with momentum', () => {
    expect(rmsprop({ decay: 0.9 }).slots).toEqual(['acc']);
    expect(rmsprop({ decay: 0.9, momentum: 0.1 }).slots).toEqual(['acc', 'mom']);
  });

  it.each([
    [0, 0, {}],
    [0.4, 0, {}],
    [0, 0.05, {}],
    [0.4, 0.05, { epsilon: 0.5 }],
  ])('follows its rule with momentum %d, weight decay %d and %j', (momentum, weightDecay, given) => {
    const { epsilon = 1e-6 }: { epsilon?: number } = given;
    const optimizer = rmsprop({ decay: 0.9, momentum, weightDecay, ...given });
    expectFollows(optimizer, ({ value, slots: [acc = 0, mom = 0] }, g, eta) => {
      const average = 0.9 * acc + 0.1 * g ** 2;
      const step = momentum * mom - eta * (g / Math.sqrt(average + epsilon) + weightDecay * value);
      return { value: value + step, slots: [average, step] };
    });
  });
});
