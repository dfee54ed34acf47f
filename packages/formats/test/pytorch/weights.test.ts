import { parseConfig } from '@gru4rec/model';
import {
  type DataType,
  Field,
  Float32,
  Float64,
  Int32,
  List,
  Table,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OriginalFormatError } from '../../src/pytorch/parameters.ts';
import {
  type OriginalTensor,
  type OriginalWeights,
  readOriginalWeights,
  toTensors,
} from '../../src/pytorch/weights.ts';
import { bytesOf, configOf, type FixtureName, fixtureNames, weightsOf } from './fixtures.ts';

interface Row {
  readonly name: string;
  readonly rows: number;
  readonly cols: number;
  readonly values: readonly (number | null)[];
}

function fileOf(rows: readonly Row[], item: Float32 | Float64 = new Float32()): Uint8Array {
  const column = <T extends DataType>(key: keyof Row, type: T) =>
    vectorFromArray(
      rows.map((row) => row[key]),
      type,
    );
  const table = new Table({
    name: column('name', new Utf8()),
    rows: column('rows', new Int32()),
    cols: column('cols', new Int32()),
    values: column('values', new List(new Field('item', item, true))),
  });
  return tableToIPC(table, 'file');
}

describe('readOriginalWeights', () => {
  it('reads what pyarrow wrote', () => {
    const { file, tensors } = weightsOf('one-hot');
    expect(file).toBe('one-hot.weights.arrow');
    expect([...tensors].map(([name, { rows, cols }]) => `${name} ${rows} ${cols}`)).toEqual([
      'GE.Wrz0 4 8',
      'GE.Wh0 4 4',
      'GE.Bh0 1 12',
      'GE.Wx0.weight 7 12',
      'Wy.weight 7 4',
      'By.weight 7 1',
    ]);
  });

  it('refuses a file that is not Arrow', () => {
    const bytes = new TextEncoder().encode('loss=bpr-max');
    expect(() => readOriginalWeights('w.pt', bytes)).toThrow(
      `readOriginalWeights: "w.pt" expected a complete Arrow IPC file, got another kind of file. Write it as this package's README shows.`,
    );
  });

  it('refuses a file truncated anywhere', () => {
    const whole = bytesOf('constrained.weights.arrow');
    const cuts = Array.from(whole, (_, length) => whole.subarray(0, length));
    const refused = cuts.filter((bytes) => {
      try {
        readOriginalWeights('w.arrow', bytes);
        return false;
      } catch (error) {
        return error instanceof OriginalFormatError;
      }
    });
    expect(refused).toHaveLength(whole.length);
  });

  it('refuses other columns and no rows', () => {
    expect(() => readOriginalWeights('items.arrow', bytesOf('items.arrow'))).toThrow(
      `readOriginalWeights: "items.arrow" expected rows with the columns name, rows, cols, values, got no name, rows, cols, values. Write it as this package's README shows.`,
    );
    expect(() => readOriginalWeights('w.arrow', fileOf([]))).toThrow('got no rows.');
  });

  it.each<[string, Row, (Float32 | Float64)?]>([
    ['too few values', { name: 'a', rows: 2, cols: 2, values: [1, 2, 3] }],
    ['no values', { name: 'a', rows: 0, cols: 0, values: [] }],
    ['negative extents', { name: 'a', rows: -1, cols: -1, values: [1] }],
    ['a value that is null', { name: 'a', rows: 1, cols: 2, values: [1, null] }],
    ['float64', { name: 'a', rows: 1, cols: 1, values: [1] }, new Float64()],
  ])('refuses %s', (_what, row, item) => {
    expect(() => readOriginalWeights('w.arrow', fileOf([row], item))).toThrow(
      'readOriginalWeights: "a" expected rows × cols float32 values, got other values, at w.arrow:1.',
    );
  });

  it('refuses a repeated name', () => {
    const row = { name: 'a', rows: 1, cols: 1, values: [1] };
    expect(() => readOriginalWeights('w.arrow', fileOf([row, row]))).toThrow(
      'readOriginalWeights: "a" expected one tensor of this name, got a second one, at w.arrow:2.',
    );
  });

  it('throws no other error for any input', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => readOriginalWeights('w.arrow', bytes)).toThrow(OriginalFormatError);
      }),
    );
  });
});

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
