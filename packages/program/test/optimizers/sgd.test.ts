import { sgd } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { expectFollows } from './element-oracle.ts';

describe('sgd', () => {
  it('has a momentum slot only with momentum', () => {
    expect(sgd().slots).toEqual([]);
    expect(sgd({ momentum: 0.1 }).slots).toEqual(['mom']);
  });

  it.each([
    [0, 0],
    [0.4, 0],
    [0, 0.05],
    [0.4, 0.05],
  ])('follows its rule with momentum %d and weight decay %d', (momentum, weightDecay) => {
    expectFollows(sgd({ momentum, weightDecay }), ({ value, slots: [mom = 0] }, g, eta) => {
      const step = momentum * mom - eta * (g + weightDecay * value);
      return { value: value + step, slots: [step] };
    });
  });
});
