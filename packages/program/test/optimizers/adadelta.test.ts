import { adadelta } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { expectFollows } from './element-oracle.ts';

describe('adadelta', () => {
  it('has slots for both averages and none for momentum', () => {
    expect(adadelta({ decay: 0.9 }).slots).toEqual(['acc', 'acd']);
  });

  it.each([
    [0, {}],
    [0.05, { epsilon: 0.5 }],
  ])('follows its rule with weight decay %d and %j', (weightDecay, given) => {
    const { epsilon = 1e-6 }: { epsilon?: number } = given;
    expectFollows(
      adadelta({ decay: 0.9, weightDecay, ...given }),
      ({ value, slots: [acc = 0, acd = 0] }, g, eta) => {
        const squares = 0.9 * acc + 0.1 * g ** 2;
        const d = (g * Math.sqrt(acd + epsilon)) / Math.sqrt(squares + epsilon);
        return { value: value - eta * (d + weightDecay * value), slots: [squares, 0.9 * acd + 0.1 * d ** 2] };
      },
    );
  });
});
