import { parseConfig } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import type { OriginalTensor, OriginalWeights } from '../../src/pytorch/read-original-weights.ts';
import { toTensors } from '../../src/pytorch/to-tensors.ts';
import { configOf, type FixtureName, fixtureNames, weightsOf } from './fixtures.ts';

/** The weights of a fixture with some tensors replaced, or removed if undefined. */
function changed(
  name: FixtureName,
  changes: Readonly<Record<string, OriginalTensor | undefined>>,
): OriginalWeights {
  const { file, tensors } = weightsOf(name);
  const all = Object.entries({ ...Object.fromEntries(tensors), ...changes });
  return { file, tensors: new Map(all.flatMap(([key, t]) => (t ? [[key, t] as const] : []))) };
}

const zeros = (rows: number, cols: number): OriginalTensor => {
  return { rows, cols, values: new Float32Array(rows * cols) };
};

describe('toTensors', () => {
  it.each(fixtureNames)('adds all tensors that further training needs, %s', (name) => {
    const { tensors, itemCount } = toTensors(weightsOf(name), configOf(name));
    const slots = tensors.filter((t) => t.kind === 'slot');
    const parameters = tensors.filter((t) => t.kind !== 'slot');
    expect(itemCount).toBe(7);
    expect(slots).toHaveLength(parameters.length);
    expect(slots.every((t) => t.values.every((x) => x === 0))).toBe(true);
    expect(parameters.every((t) => t.values.some((x) => x !== 0))).toBe(true);
    expect(tensors.every((t) => t.values.length === t.rows * t.cols)).toBe(true);
  });

  it.each<[FixtureName, string]>([
    ...['Wy.weight', 'By.weight', 'G.0.weight_ih', 'G.0.weight_hh', 'G.0.bias_ih', 'G.0.bias_hh'].map(
      (tensor): [FixtureName, string] => ['constrained', tensor],
    ),
    ['separate', 'E.weight'],
    ['separate', 'G.1.weight_ih'],
    ['one-hot', 'GE.Wx0.weight'],
    ['one-hot', 'GE.Wrz0'],
    ['one-hot', 'GE.Wh0'],
    ['one-hot', 'GE.Bh0'],
  ])('refuses a %s model without %s, or with another shape of it', (name, tensor) => {
    const missing = changed(name, { [tensor]: undefined });
    expect(() => toTensors(missing, configOf(name))).toThrow(
      new RegExp(`^toTensors: "${tensor}" expected .*, got no.*, at ${name}\\.weights\\.arrow\\. Give the`),
    );
    const wide = changed(name, { [tensor]: zeros(3, 9) });
    expect(() => toTensors(wide, configOf(name))).toThrow(
      /^toTensors: "[\w.]+" expected \[\d+, \d+\], got \[/,
    );
  });

  it('refuses weights of other parameters', () => {
    const config = parseConfig({ ...configOf('constrained'), layers: [5] });
    expect(() => toTensors(weightsOf('constrained'), config)).toThrow(
      'toTensors: "Wy.weight" expected [7, 5], got [7, 4], at constrained.weights.arrow. Give the parameters that the model was trained with.',
    );
  });

  it('refuses an unexpected tensor', () => {
    expect(() =>
      toTensors(changed('constrained', { 'E.weight': zeros(7, 4) }), configOf('constrained')),
    ).toThrow(
      'toTensors: "E.weight" expected no tensor of this name with these parameters, got one, at constrained.weights.arrow.',
    );
    const oneLayer = parseConfig({ ...configOf('separate'), layers: [4] });
    expect(() => toTensors(weightsOf('separate'), oneLayer)).toThrow('"G.0.weight_ih" expected [12, 3], got');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %s', (x) => {
    const tensor = { rows: 7, cols: 1, values: new Float32Array(7).fill(x) };
    expect(() => toTensors(changed('constrained', { 'By.weight': tensor }), configOf('constrained'))).toThrow(
      'toTensors: "By.weight" expected finite numbers, got NaN or infinity, at constrained.weights.arrow.',
    );
  });
});
