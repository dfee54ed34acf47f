import { rmsprop } from '@gru4rec/program';
import { expectClose } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { expectFollows, updateRuntime } from './element-oracle.ts';

describe('rmsprop', () => {
  it('divides by the root of a moving average of squares and ε', () => {
    const runtime = updateRuntime(rmsprop({ decay: 0.75, epsilon: 0 }), { rows: 1, cols: 2 });
    runtime.run('step', { gradient: Float32Array.of(4, -2), learningRate: 1 });
    const exact = { absolute: 1e-15, relative: 0 };
    expectClose(runtime.read('w.acc'), [16 / 4, 4 / 4], exact);
    expectClose(runtime.read('w'), [-4 / 2, 2 / 1], exact);
    runtime.run('step', { gradient: Float32Array.of(2, 0), learningRate: 0.5 });
    expectClose(runtime.read('w.acc'), [0.75 * 4 + 4 / 4, 0.75], exact);
    expectClose(runtime.read('w'), [-2 - (0.5 * 2) / Math.sqrt(4), 2], exact);
  });

  it('has a momentum slot only with momentum', () => {
    expect(rmsprop({ decay: 0.9 }).slots).toEqual(['acc']);
    expect(rmsprop({ decay: 0.9, momentum: 0.1 }).slots).toEqual(['acc', 'mom']);
  });

  it.each([
    [0, 0],
    [0.4, 0],
    [0, 0.05],
    [0.4, 0.05],
  ])('follows its rule with momentum %d and weight decay %d', (momentum, weightDecay) => {
    const optimizer = rmsprop({ decay: 0.9, momentum, weightDecay });
    expectFollows(optimizer, ({ value, slots: [acc = 0, mom = 0] }, g, eta) => {
      const average = 0.9 * acc + 0.1 * g ** 2;
      const step = momentum * mom - eta * (g / Math.sqrt(average + 1e-6) + weightDecay * value);
      return { value: value + step, slots: [average, step] };
    });
  });
});
