import { Field, Float32, Float64, Int32, List, Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OriginalFormatError } from '../../src/pytorch/parameters.ts';
import { readOriginalWeights } from '../../src/pytorch/read-original-weights.ts';
import { bytesOf, weightsOf } from './fixtures.ts';

interface Row {
  readonly name: string;
  readonly rows: number;
  readonly cols: number;
  readonly values: readonly (number | null)[];
}

function fileOf(rows: readonly Row[], item: Float32 | Float64 = new Float32()): Uint8Array {
  const list = new List(new Field('item', item, true));
  const table = new Table({
    name: vectorFromArray(
      rows.map((r) => r.name),
      new Utf8(),
    ),
    rows: vectorFromArray(
      rows.map((r) => r.rows),
      new Int32(),
    ),
    cols: vectorFromArray(
      rows.map((r) => r.cols),
      new Int32(),
    ),
    values: vectorFromArray(
      rows.map((r) => r.values),
      list,
    ),
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

  it('reads values row by row', () => {
    const weights = readOriginalWeights('w.arrow', fileOf([{ name: 'a', rows: 1, cols: 2, values: [1, 2] }]));
    expect(weights.tensors.get('a')).toEqual({ rows: 1, cols: 2, values: Float32Array.of(1, 2) });
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
