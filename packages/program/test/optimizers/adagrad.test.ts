import { adagrad, type Runtime } from '@gru4rec/program';
import { expectClose } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { expectFollows, updateRuntime } from './element-oracle.ts';

const exact = { absolute: 1e-15, relative: 0 };
const training = (options: Parameters<typeof adagrad>[0]): Runtime =>
  updateRuntime(adagrad(options), { rows: 1, cols: 2 });

describe('adagrad', () => {
  it('divides by the root of the summed squares and ε', () => {
    const runtime = training({});
    runtime.write('w', [1, 2]);
    runtime.run('step', { gradient: Float32Array.of(3, -4), learningRate: 0.5 });
    const first = [1 - (0.5 * 3) / Math.sqrt(9 + 1e-6), 2 + (0.5 * 4) / Math.sqrt(16 + 1e-6)] as const;
    expectClose(runtime.read('w'), first, exact);
    runtime.run('step', { gradient: Float32Array.of(4, 0), learningRate: 0.25 });
    expectClose(runtime.read('w'), [first[0] - (0.25 * 4) / Math.sqrt(9 + 16 + 1e-6), first[1]], exact);
    expectClose(runtime.read('w.acc'), [25, 16], exact);
  });

  it('has a momentum slot only with momentum', () => {
    expect(adagrad().slots).toEqual(['acc']);
    expect(adagrad({ momentum: 0.1 }).slots).toEqual(['acc', 'mom']);
    expect(adagrad().scalars).toEqual(['learningRate']);
  });

  it('includes every constant in its region’s name, by which equal regions are merged', () => {
    const ids = { next: 0 };
    const scalar = { dtype: 'f32', rows: 1, cols: 1 } as const;
    const region = adagrad({ momentum: 0.1, weightDecay: 0.2, epsilon: 0.3 }).compose(ids, scalar);
    expect(region.attributes).toEqual({ momentum: 0.1, weightDecay: 0.2, epsilon: 0.3 });
    expect(region.inputs).toHaveLength(5);
    expect(region.outputs).toHaveLength(3);
  });

  it.each([
    [0, 0, {}],
    [0.4, 0, {}],
    [0, 0.05, {}],
    [0.4, 0.05, { epsilon: 0.5 }],
  ])('follows its rule with momentum %d, weight decay %d and %j', (momentum, weightDecay, given) => {
    const { epsilon = 1e-6 }: { epsilon?: number } = given;
    expectFollows(
      adagrad({ momentum, weightDecay, ...given }),
      ({ value, slots: [acc = 0, mom = 0] }, g, eta) => {
        const sum = acc + g ** 2;
        const step = momentum * mom - eta * (g / Math.sqrt(sum + epsilon) + weightDecay * value);
        return { value: value + step, slots: [sum, step] };
      },
    );
  });
});
