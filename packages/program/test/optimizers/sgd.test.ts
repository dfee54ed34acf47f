import { sgd } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { expectFollows, updateRuntime } from './element-oracle.ts';

describe('sgd', () => {
  it('steps along the gradient, with momentum and decay', () => {
    const runtime = updateRuntime(sgd({ momentum: 0.5, weightDecay: 0.25 }), { rows: 1, cols: 2 });
    runtime.write('w', [4, 0]);
    runtime.run('step', { gradient: Float32Array.of(2, -1), learningRate: 0.5 });
    expect(Array.from(runtime.read('w.mom'))).toEqual([-0.5 * (2 + 1), 0.5]);
    expect(Array.from(runtime.read('w'))).toEqual([2.5, 0.5]);
    runtime.run('step', { gradient: Float32Array.of(0, 0), learningRate: 1 });
    expect(Array.from(runtime.read('w'))).toEqual([2.5 - 0.75 - 0.625, 0.5 + 0.25 - 0.125]);
  });

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
