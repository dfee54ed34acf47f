import { ProgramBuilder } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { activate, parseActivation } from '../../src/programs/activations.ts';
import { reference } from '../tiny-data.ts';

/** The activation of one number on the reference engine. */
function activated(spelling: string, x: number): number {
  const b = new ProgramBuilder('activation');
  const input = b.input('x', { dtype: 'f32', rows: 1, cols: 1 });
  b.output('y', activate(b, input, parseActivation(spelling)));
  const runtime = reference.load([b.build()]);
  return runtime.run('activation', { x: Float64Array.of(x) as unknown as Float32Array }).y?.[0] ?? Number.NaN;
}

describe('activate', () => {
  it.each([
    ['linear', -2, -2],
    ['relu', -2, 0],
    ['relu', 2, 2],
    ['tanh', 0.5, Math.tanh(0.5)],
    ['sigmoid', 0.5, 1 / (1 + Math.exp(-0.5))],
    ['leaky-0.1', -2, -0.2],
    ['leaky-0.1', 2, 2],
    ['elu-0.5', -1, 0.5 * (Math.exp(-1) - 1)],
    ['elu-0.5', 3, 3],
    ['selu-1.05-1.67', -1, 1.05 * 1.67 * (Math.exp(-1) - 1)],
    ['selu-1.05-1.67', 2, 1.05 * 2],
  ])('computes %s of %d', (spelling, x, expected) => {
    expect(activated(spelling, x)).toBeCloseTo(expected, 12);
  });
});

describe('parseActivation', () => {
  it.each(['gelu', 'elu', 'elu-', 'elu-x', 'elu-1-2', 'selu-1', 'tanh-1', ''])('refuses "%s"', (spelling) => {
    expect(() => parseActivation(spelling)).toThrow(
      `activation expected one of linear, relu, tanh, sigmoid, leaky-<α>, elu-<α>, selu-<λ>-<α>, got "${spelling}"`,
    );
  });
});
