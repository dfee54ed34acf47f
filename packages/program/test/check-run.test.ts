import { indexLimits, ProgramBuilder, sgd, valueNamed } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';

describe('indexLimits', () => {
  const b = new ProgramBuilder('p');
  const index = (name: string) => b.input(name, { dtype: 'i32', rows: 2, cols: 1 });
  const table = (name: string, rows: number) => b.variable(name, 'table', rows, 1);

  it('is the smallest table that an input reaches, also through a concatenation or transposition', () => {
    const [shared, own] = [index('shared'), index('own')];
    b.output('a', b.gather(table('ten', 10), shared));
    b.output('b', b.gather(table('seven', 7), b.transpose(b.transpose(b.concat(own, shared)))));
    const limits = indexLimits(b.build());
    expect([limits.get(shared.id), limits.get(own.id)]).toEqual([7, 7]);
  });

  it('is that of a table of indices, not of the tables that these index', () => {
    const [mapped, given] = [b.input('map', { dtype: 'i32', rows: 10, cols: 1 }), index('given')];
    b.output('c', b.gather(table('three', 3), b.gather(mapped, given)));
    const limits = indexLimits(b.build());
    expect([limits.get(given.id), limits.get(mapped.id)]).toEqual([10, 3]);
  });

  it('is the number of scores for adjusted rows', () => {
    const rows = b.input('adjusted', { dtype: 'i32', rows: 3, cols: 2 });
    const scores = (name: string, n: number) => b.input(name, { dtype: 'f32', rows: n, cols: 3 });
    const values = b.input('values', { dtype: 'f32', rows: 3, cols: 2 });
    b.output('e', b.adjust(scores('six', 6), rows, values, values));
    b.output('f', b.adjust(scores('five', 5), rows, values, values));
    expect(indexLimits(b.build()).get(rows.id)).toBe(5);
  });

  it('is the number of rows that are scattered to, and of a table that is only updated', () => {
    const [scattered, updated] = [index('scattered'), index('updated')];
    const rows = b.input('gradient', { dtype: 'f32', rows: 2, cols: 1 });
    b.output('sums', b.scatterRows(rows, scattered, 4));
    table('nine', 9);
    b.update('nine', { kind: 'rows', parts: [{ indices: updated, rows }] }, sgd(), [b.constant(1)]);
    const limits = indexLimits(b.build());
    expect([limits.get(scattered.id), limits.get(updated.id)]).toEqual([4, 9]);
  });

  it('is infinite if indices only distinguish rows', () => {
    const merged = index('merged');
    b.output('d', b.mergeRows(b.input('rows', { dtype: 'f32', rows: 2, cols: 3 }), merged));
    expect(indexLimits(b.build()).get(merged.id)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('valueNamed', () => {
  it('lists the known names', () => {
    const known = new Map(Object.entries({ state: 0, table: 1 }));
    expect(() => valueNamed('read', 'variable', known, 'stat')).toThrow(
      new RangeError('read: "variable" expected one of state, table, got stat'),
    );
  });
});
