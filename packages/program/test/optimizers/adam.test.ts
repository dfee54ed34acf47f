import { adam } from '@gru4rec/program';
import { expectClose } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { expectFollows, updateRuntime } from './element-oracle.ts';

const exact = { absolute: 1e-14, relative: 0 };

describe('adam', () => {
  it('divides the corrected mean by the root of the corrected mean square', () => {
    const [beta1, beta2] = [0.5, 0.75];
    const optimizer = adam({ beta1, beta2, epsilon: 1 });
    const runtime = updateRuntime(optimizer, { rows: 1, cols: 2 });
    runtime.run('step', {
      gradient: Float32Array.of(4, -2),
      learningRate: 0.5,
      ...optimizer.scalarsAt(1),
    });
    expectClose(runtime.read('w.m'), [4 / 2, -2 / 2], exact);
    expectClose(runtime.read('w.v'), [16 / 4, 4 / 4], exact);
    // After one step, both corrections undo the averages' start at 0: m̂ = g, v̂ = g².
    const first = [-(0.5 * 4) / (4 + 1), (0.5 * 2) / (2 + 1)] as const;
    expectClose(runtime.read('w'), first, exact);
    runtime.run('step', { gradient: Float32Array.of(0, 4), learningRate: 1, ...optimizer.scalarsAt(2) });
    const corrected = [2 / 2 / 0.75, (-1 / 2 + 4 / 2) / 0.75] as const;
    const roots = [Math.sqrt((0.75 * 4) / (7 / 16)), Math.sqrt((0.75 + 16 / 4) / (7 / 16))] as const;
    expectClose(
      runtime.read('w'),
      [first[0] - corrected[0] / (roots[0] + 1), first[1] - corrected[1] / (roots[1] + 1)],
      exact,
    );
  });

  it('reads the corrections after the learning rate, and has no extra momentum slot', () => {
    const optimizer = adam({ beta1: 0.9, beta2: 0.999 });
    expect(optimizer.slots).toEqual(['m', 'v']);
    expect(optimizer.scalars).toEqual(['learningRate', 'firstMomentScale', 'secondMomentScale']);
  });

  it.each([0, 0.05])('follows its rule with weight decay %d', (weightDecay) => {
    const [beta1, beta2] = [0.9, 0.99];
    const optimizer = adam({ beta1, beta2, weightDecay });
    expectFollows(
      optimizer,
      ({ value, slots: [m = 0, v = 0] }, g, eta, t) => {
        const mean = beta1 * m + (1 - beta1) * g;
        const square = beta2 * v + (1 - beta2) * g ** 2;
        const d = mean / (1 - beta1 ** t) / (Math.sqrt(square / (1 - beta2 ** t)) + 1e-8);
        return { value: value - eta * (d + weightDecay * value), slots: [mean, square] };
      },
      (t) => optimizer.scalarsAt(t),
    );
  });
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
    for (const t of [0, -1, Number.NaN]) {
      expect(() => adam({ beta1: 0.9, beta2: 0.999 }).scalarsAt(t)).toThrow(
        new RangeError(`adam: expected a step from 1, got ${t}`),
      );
    }
  });
});
