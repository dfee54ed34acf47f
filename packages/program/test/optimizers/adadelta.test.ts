import { adadelta } from '@gru4rec/program';
import { expectClose } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { expectFollows, updateRuntime } from './element-oracle.ts';

describe('adadelta', () => {
  it('scales by the ratio of the averages of steps and gradients', () => {
    const runtime = updateRuntime(adadelta({ decay: 0.75, epsilon: 1 }), { rows: 1, cols: 1 });
    const exact = { absolute: 1e-15, relative: 0 };
    runtime.run('step', { gradient: 4, learningRate: 0.5 });
    const first = (4 * Math.sqrt(0 + 1)) / Math.sqrt(16 / 4 + 1);
    expectClose(runtime.read('w.acc'), [16 / 4], exact);
    expectClose(runtime.read('w.acd'), [first ** 2 / 4], exact);
    expectClose(runtime.read('w'), [-0.5 * first], exact);
    runtime.run('step', { gradient: 2, learningRate: 1 });
    const second = (2 * Math.sqrt(first ** 2 / 4 + 1)) / Math.sqrt(0.75 * 4 + 4 / 4 + 1);
    expectClose(runtime.read('w.acd'), [(0.75 * first ** 2) / 4 + second ** 2 / 4], exact);
    expectClose(runtime.read('w'), [-0.5 * first - second], exact);
  });

  it('has slots for both averages and none for momentum', () => {
    expect(adadelta({ decay: 0.9 }).slots).toEqual(['acc', 'acd']);
  });

  it.each([0, 0.05])('follows its rule with weight decay %d', (weightDecay) => {
    expectFollows(adadelta({ decay: 0.9, weightDecay }), ({ value, slots: [acc = 0, acd = 0] }, g, eta) => {
      const squares = 0.9 * acc + 0.1 * g ** 2;
      const d = (g * Math.sqrt(acd + 1e-6)) / Math.sqrt(squares + 1e-6);
      return { value: value - eta * (d + weightDecay * value), slots: [squares, 0.9 * acd + 0.1 * d ** 2] };
    });
  });
});
