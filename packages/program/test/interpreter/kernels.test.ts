import {
  type Attributes,
  type DType,
  type InputValue,
  type OpName,
  ProgramBuilder,
  type RuntimeArray,
} from '@gru4rec/program';
import { philox4x32 } from '@gru4rec/random';
import { describe, expect, it } from 'vitest';
import { createReferenceEngine } from '../../src/interpreter/index.ts';

/** A matrix as its rows; `i32` for indices. */
interface Given {
  readonly dtype?: DType;
  readonly rows: readonly (readonly number[])[];
}

/** A matrix of floats, by rows. */
function matrix(...rows: readonly (readonly number[])[]): Given {
  return { rows };
}

/** A column of indices. */
function indices(...values: readonly number[]): Given {
  return { dtype: 'i32', rows: values.map((value) => [value]) };
}

/** Runs an op on given inputs, and returns its value as rows. */
function run(op: OpName, given: readonly Given[], attributes: Attributes = {}): number[][] {
  const b = new ProgramBuilder('op');
  const values: Record<string, InputValue> = {};
  const inputs = given.map(({ dtype = 'f32', rows }, i) => {
    values[`x${i}`] = dtype === 'f32' ? Float32Array.from(rows.flat()) : Int32Array.from(rows.flat());
    return b.input(`x${i}`, { dtype, rows: rows.length, cols: rows[0].length });
  });
  const out = b.apply(op, inputs, attributes);
  b.output('out', out);
  return toRows(createReferenceEngine().load([b.build()]).run('op', values).out, out.cols);
}

/** Rows, which need a line each in a literal. */
const list = (...rows: number[][]): number[][] => rows;

function toRows(values: RuntimeArray, cols: number): number[][] {
  const rows: number[][] = [];
  for (let at = 0; at < values.length; at += cols) rows.push(Array.from(values.subarray(at, at + cols)));
  return rows;
}

describe('activations', () => {
  const x = matrix([-2, 0, 0.5]);

  it('computes sigmoid and tanh, and saturates them', () => {
    expect(run('sigmoid', [x])).toEqual(list([1 / (1 + Math.exp(2)), 1 / 2, 1 / (1 + Math.exp(-0.5))]));
    expect(run('tanh', [x])).toEqual([[Math.tanh(-2), 0, Math.tanh(0.5)]]);
    expect(run('sigmoid', [matrix([-1e4, 1e4])])).toEqual([[0, 1]]);
    expect(run('tanh', [matrix([-1e4, 1e4])])).toEqual([[-1, 1]]);
  });

  it('computes step, relu, leaky-relu and elu on both sides of zero', () => {
    expect(run('step', [x])).toEqual([[0, 0, 1]]);
    expect(run('relu', [x])).toEqual([[0, 0, 0.5]]);
    expect(run('leaky-relu', [x], { alpha: 0.25 })).toEqual([[-0.5, 0, 0.5]]);
    expect(run('elu', [x], { alpha: 3 })).toEqual([[3 * Math.expm1(-2), 0, 0.5]]);
  });

  it('computes exp, log and sqrt', () => {
    expect(run('exp', [x])).toEqual([[Math.exp(-2), 1, Math.exp(0.5)]]);
    expect(run('log', [matrix([1, 0.5, 0])])).toEqual([[0, -Math.LN2, -Infinity]]);
    expect(run('sqrt', [matrix([0, 9, 0.25])])).toEqual([[0, 3, 0.5]]);
  });
});

describe('arithmetic', () => {
  const a = matrix([6, 8, 10], [1, 2, 3]);

  it('works element by element', () => {
    const b = matrix([2, 4, 5], [1, 1, 2]);
    expect(run('add', [a, b])).toEqual(list([8, 12, 15], [2, 3, 5]));
    expect(run('subtract', [a, b])).toEqual(list([4, 4, 5], [0, 1, 1]));
    expect(run('multiply', [a, b])).toEqual(list([12, 32, 50], [1, 2, 6]));
    expect(run('divide', [a, b])).toEqual(list([3, 2, 2], [1, 2, 1.5]));
  });

  it('broadcasts a row, a column and a scalar on either side', () => {
    const row = matrix([1, 2, 3]);
    const column = matrix([10], [20]);
    expect(run('subtract', [a, row])).toEqual(list([5, 6, 7], [0, 0, 0]));
    expect(run('subtract', [column, a])).toEqual(list([4, 2, 0], [19, 18, 17]));
    expect(run('subtract', [matrix([1]), a])).toEqual(list([-5, -7, -9], [0, -1, -2]));
    expect(run('add', [row, column])).toEqual(list([11, 12, 13], [21, 22, 23]));
  });

  it('computes scale·x + shift', () => {
    expect(run('affine', [a], { scale: -2, shift: 1 })).toEqual(list([-11, -15, -19], [-1, -3, -5]));
  });
});

const table = matrix([1, 2], [3, 4], [5, 6]);

describe('gather', () => {
  it('gathers rows, some twice, and zeros for −1', () => {
    const rows = run('gather', [table, indices(2, -1, 0, 2)]);
    expect(rows).toEqual(list([5, 6], [0, 0], [1, 2], [5, 6]));
  });

  it('gathers from a table of indices', () => {
    expect(run('gather', [indices(9, 8, 7), indices(1, 2)])).toEqual([[8], [7]]);
  });

  it('names an index outside the table and its rows', () => {
    for (const index of [3, -2]) {
      const act = (): unknown => run('gather', [table, indices(0, index)]);
      expect(act).toThrow(
        new RangeError(`gather: index expected -1 to 2, got ${index}. The table has 3 rows.`),
      );
    }
  });
});

describe('layout', () => {
  const x = matrix([1, 2], [3, 4], [5, 6]);

  it('transposes', () => {
    expect(run('transpose', [x])).toEqual(list([1, 3, 5], [2, 4, 6]));
  });

  it('gives the diagonal of the upper square', () => {
    expect(run('diagonal', [x])).toEqual([[1, 4]]);
  });

  it('writes a row on a diagonal, zeros elsewhere', () => {
    expect(run('from-diagonal', [matrix([7, 8])], { rows: 3 })).toEqual(list([7, 0], [0, 8], [0, 0]));
  });

  it('stacks and slices rows, of floats and of indices', () => {
    expect(run('concat', [matrix([1, 2]), matrix([3, 4], [5, 6])])).toEqual(x.rows);
    expect(run('concat', [indices(4, -1), indices(2)])).toEqual([[4], [-1], [2]]);
    expect(run('slice', [x], { from: 1, to: 3 })).toEqual(list([3, 4], [5, 6]));
    expect(run('slice', [indices(4, -1, 2)], { from: 1, to: 2 })).toEqual([[-1]]);
  });
});

describe('matmul', () => {
  const a = matrix([1, 2, 3], [4, 5, 6]);
  const aT = matrix([1, 4], [2, 5], [3, 6]);
  const b = matrix([1, 0], [0, 1], [2, 2]);
  const bT = matrix([1, 0, 2], [0, 1, 2]);
  const product = list([1 + 6, 2 + 6], [4 + 12, 5 + 12]);

  it('multiplies with each operand plain or transposed', () => {
    expect(run('matmul', [a, b])).toEqual(product);
    expect(run('matmul', [aT, b], { transposeA: true })).toEqual(product);
    expect(run('matmul', [a, bT], { transposeB: true })).toEqual(product);
    expect(run('matmul', [aT, bT], { transposeA: true, transposeB: true })).toEqual(product);
  });
});

describe('rank-counts', () => {
  it('counts greater and equal rows, the row itself included', () => {
    const x = matrix([3, 1], [1, 1], [2, 1], [1, 1]);
    expect(run('rank-counts', [x, indices(1, 0)])).toEqual(list([2, 0], [2, 4]));
  });

  it('counts nothing for −1, not even NaN', () => {
    const x = matrix([1, Number.NaN], [2, 0]);
    expect(run('rank-counts', [x, indices(-1, -1)])).toEqual(list([0, 0], [0, 0]));
  });

  it('names the first NaN row', () => {
    const x = matrix([1], [2], [Number.NaN], [Number.NaN]);
    expect(run('rank-counts', [x, indices(0)])).toEqual([[Number.NaN], [2]]);
  });

  it('names an index outside the rows', () => {
    expect(() => run('rank-counts', [matrix([1], [2]), indices(2)])).toThrow(
      new RangeError('rank-counts: index expected -1 to 1, got 2. The table has 2 rows.'),
    );
  });
});

describe('top-indices', () => {
  it('lists the greatest first, equal ones by row, then −1', () => {
    const x = matrix([1, -Infinity], [2, Infinity], [2, Infinity]);
    expect(run('top-indices', [x], { k: 4 })).toEqual(list([1, 1], [2, 2], [0, 0], [-1, -1]));
  });

  it('lists nothing in a column whose index is −1', () => {
    const x = matrix([1, 2], [3, 4]);
    expect(run('top-indices', [x, indices(-1, 0)], { k: 2 })).toEqual(list([-1, 1], [-1, 0]));
  });

  it('lists at most k', () => {
    expect(run('top-indices', [matrix([1], [3], [2])], { k: 1 })).toEqual([[1]]);
  });
});

describe('reductions', () => {
  const x = matrix([-1, -5, -3], [-4, -2, -6]);

  it('sums over rows for axis 0 and over columns for axis 1', () => {
    expect(run('sum', [x], { axis: 0 })).toEqual([[-5, -7, -9]]);
    expect(run('sum', [x], { axis: 1 })).toEqual([[-9], [-12]]);
  });

  it('gives the maximum, of negative values too', () => {
    expect(run('max', [x], { axis: 0 })).toEqual([[-1, -2, -3]]);
    expect(run('max', [x], { axis: 1 })).toEqual([[-1], [-2]]);
  });

  it('broadcasts rows, columns and scalars', () => {
    expect(run('broadcast', [matrix([1, 2])], { rows: 2, cols: 2 })).toEqual(list([1, 2], [1, 2]));
    expect(run('broadcast', [matrix([1], [2])], { rows: 2, cols: 2 })).toEqual(list([1, 1], [2, 2]));
    expect(run('broadcast', [matrix([1])], { rows: 2, cols: 1 })).toEqual([[1], [1]]);
  });

  it('passes values unchanged through stop-gradient', () => {
    expect(run('stop-gradient', [x])).toEqual(x.rows);
  });
});

const rows = matrix([1, 2], [10, 20], [3, 4], [100, 200]);

describe('scatter-rows', () => {
  it('sums the rows of equal indices and skips −1', () => {
    expect(run('scatter-rows', [rows, indices(2, 0, 2, -1)], { rows: 4 })).toEqual(
      list([10, 20], [0, 0], [1 + 3, 2 + 4], [0, 0]),
    );
  });

  it('names an index outside its rows', () => {
    for (const index of [4, -2]) {
      const act = (): unknown => run('scatter-rows', [rows, indices(0, 1, index, 0)], { rows: 4 });
      expect(act).toThrow(`scatter-rows: index expected -1 to 3, got ${index}. The table has 4 rows.`);
    }
  });
});

describe('merge-rows', () => {
  it('gives sums in the order in which indices first appear, then zeros', () => {
    expect(run('merge-rows', [rows, indices(7, 5, 7, -1)])).toEqual(
      list([1 + 3, 2 + 4], [10, 20], [0, 0], [0, 0]),
    );
    expect(run('merge-rows', [rows, indices(-1, 9, 0, 9)])).toEqual(
      list([10 + 100, 20 + 200], [3, 4], [0, 0], [0, 0]),
    );
  });
});

describe('constant', () => {
  it('fills its shape', () => {
    expect(run('constant', [], { value: 0.1, rows: 2, cols: 3 })).toEqual(
      list([0.1, 0.1, 0.1], [0.1, 0.1, 0.1]),
    );
  });
});

describe('dropout-mask', () => {
  // Key 0, counter 0 (Random123's known answers): 0x6627e8d5 0xe169c58d 0xbc57ac4c 0x9b00dbd8,
  // as shares of 2³²: 0.40, 0.88, 0.74, 0.61.
  const zero = indices(0, 0, 0, 0);

  it('keeps an element when its Philox word is at least p · 2³², scaled by 1 / (1 − p)', () => {
    const mask = (p: number): number[][] => run('dropout-mask', [zero], { rows: 2, cols: 2, p, stream: 0 });
    expect(mask(0)).toEqual(list([1, 1], [1, 1]));
    expect(mask(0.5)).toEqual(list([0, 2], [2, 2]));
    expect(mask(0.75)).toEqual(list([0, 4], [0, 0]));
  });

  it('keeps a word that equals the threshold', () => {
    const mask = (p: number): number[][] => run('dropout-mask', [zero], { rows: 1, cols: 1, p, stream: 0 });
    expect(mask(0x6627e8d5 / 2 ** 32)).toEqual([[1 / (1 - 0x6627e8d5 / 2 ** 32)]]);
    expect(mask(0x6627e8d6 / 2 ** 32)).toEqual([[0]]);
  });

  it('counts elements in row-major order, with step and stream in the upper words', () => {
    const words = new Uint32Array(8);
    for (const block of [0, 1]) {
      philox4x32(0x89abcdef, 0xfedcba98, block, 0, 0xfffffffd, 3 * 2 ** 16 + 7, words, 4 * block);
    }
    const counter = indices(0x89abcdef | 0, 0xfedcba98 | 0, -3, 7);
    const mask = run('dropout-mask', [counter], { rows: 2, cols: 3, p: 0.5, stream: 3 });
    expect(mask.flat()).toEqual(Array.from(words.subarray(0, 6), (word) => (word >= 2 ** 31 ? 2 : 0)));
  });
});
