import { parseConfig } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import type { OriginalTensor, OriginalWeights } from '../src/read-original-weights.ts';
import { gateOfColumns, gateOfRows, torchGates, toTensors } from '../src/to-tensors.ts';
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

const shapesOf = (name: FixtureName): string[] =>
  toTensors(weightsOf(name), configOf(name))
    .tensors.filter((t) => t.kind !== 'slot')
    .map((t) => `${t.name} ${t.rows} ${t.cols}`)
    .sort();

describe('toTensors', () => {
  it('names all parameters of a constrained model', () => {
    const gates = ['r', 'z', 'n'];
    const square = [...gates.map((g) => `layer0.W${g} 4 4`), ...gates.map((g) => `layer0.U${g} 4 4`)];
    const biases = [...gates.map((g) => `layer0.b${g} 1 4`), ...gates.map((g) => `layer0.c${g} 1 4`)];
    expect(shapesOf('constrained')).toEqual(['Wy 7 4', 'by 7 1', ...square, ...biases].sort());
  });

  it('gives each layer the width of its input', () => {
    const shapes = shapesOf('separate');
    expect(shapes).toContain('E 7 3');
    expect(shapes).toContain('layer0.Wr 3 5');
    expect(shapes).toContain('layer1.Wr 5 4');
    expect(shapes).toContain('layer1.Ur 4 4');
  });

  it('gives one-hot input one row per item and gate', () => {
    const shapes = shapesOf('one-hot');
    expect(shapes).toContain('layer0.Wz 7 4');
    expect(shapes.filter((s) => s.startsWith('layer0.c'))).toEqual([]);
  });

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

describe('gateOfRows', () => {
  // Two units with two inputs: r, z and n have two rows each.
  const stacked = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);

  it('transposes the rows of a gate', () => {
    expect([...gateOfRows(stacked, torchGates.r, 2)]).toEqual([1, 3, 2, 4]);
    expect([...gateOfRows(stacked, torchGates.n, 2)]).toEqual([9, 11, 10, 12]);
  });

  it('negates z', () => {
    expect([...gateOfRows(stacked, torchGates.z, 2)]).toEqual([-5, -7, -6, -8]);
  });

  it('treats a bias as rows of one value', () => {
    expect([...gateOfRows(Float32Array.of(1, 2, 3, 4, 5, 6), torchGates.z, 2)]).toEqual([-3, -4]);
  });
});

describe('gateOfColumns', () => {
  it('extracts a gate from every row', () => {
    const beside = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    expect([...gateOfColumns(beside, 1, { rows: 2, units: 2 })]).toEqual([3, 4, 7, 8]);
  });
});
