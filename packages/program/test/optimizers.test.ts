import { createReferenceEngine } from '@gru4rec/engine-reference';
import { adagrad, type Runtime } from '@gru4rec/program';
import { expectClose } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { builder } from './fixtures.ts';

const exact = { absolute: 1e-15, relative: 0 };

function training(momentum: number, epsilon?: number): Runtime {
  const { b, f32 } = builder();
  b.variable('w', 'parameter', 1, 2);
  const rate = b.input('rate', { dtype: 'f32', rows: 1, cols: 1 });
  const options = epsilon === undefined ? { momentum } : { momentum, epsilon };
  b.update('w', { kind: 'dense', tensor: f32(1, 2) }, adagrad(options), rate);
  return createReferenceEngine().load([b.build()]);
}

describe('adagrad', () => {
  it('divides by the root of the summed squares and ε', () => {
    const runtime = training(0);
    runtime.write('w', [1, 2]);
    runtime.run('test', { x0: Float32Array.of(3, -4), rate: 0.5 });
    const first = [1 - (0.5 * 3) / Math.sqrt(9 + 1e-6), 2 + (0.5 * 4) / Math.sqrt(16 + 1e-6)] as const;
    expectClose(runtime.read('w'), first, exact);
    runtime.run('test', { x0: Float32Array.of(4, 0), rate: 0.25 });
    expectClose(runtime.read('w'), [first[0] - (0.25 * 4) / Math.sqrt(9 + 16 + 1e-6), first[1]], exact);
    expectClose(runtime.read('w.acc'), [25, 16], exact);
  });

  it('adds μ times the last step', () => {
    const runtime = training(0.5, 1);
    runtime.run('test', { x0: Float32Array.of(2, 0), rate: 1 });
    const step1 = -2 / Math.sqrt(4 + 1);
    expectClose(runtime.read('w.mom'), [step1, 0], exact);
    runtime.run('test', { x0: Float32Array.of(1, 0), rate: 1 });
    const step2 = 0.5 * step1 - 1 / Math.sqrt(4 + 1 + 1);
    expectClose(runtime.read('w.mom'), [step2, 0], exact);
    expectClose(runtime.read('w'), [step1 + step2, 0], exact);
  });

  it('keeps a momentum slot only with momentum', () => {
    expect(adagrad({ momentum: 0 }).slots).toEqual(['acc']);
    expect(adagrad({ momentum: 0.1 }).slots).toEqual(['acc', 'mom']);
  });
});
