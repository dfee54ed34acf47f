import { indexLimits, ProgramBuilder } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';

describe('indexLimits', () => {
  const b = new ProgramBuilder('p');
  const index = (name: string) => b.input(name, { dtype: 'i32', rows: 2, cols: 1 });
  const table = (name: string, rows: number) => b.variable(name, 'table', rows, 1);

  it('is the smallest table that an input reaches, also through a concatenation', () => {
    const [shared, own] = [index('shared'), index('own')];
    b.output('a', b.gather(table('ten', 10), shared));
    b.output('b', b.gather(table('seven', 7), b.concat(own, shared)));
    const limits = indexLimits(b.build());
    expect([limits.get(shared.id), limits.get(own.id)]).toEqual([7, 7]);
  });

  it('is that of a table of indices, not of the tables that these index', () => {
    const [mapped, given] = [b.input('map', { dtype: 'i32', rows: 10, cols: 1 }), index('given')];
    b.output('c', b.gather(table('three', 3), b.gather(mapped, given)));
    const limits = indexLimits(b.build());
    expect([limits.get(given.id), limits.get(mapped.id)]).toEqual([10, 3]);
  });

  it('is infinite if indices only distinguish rows', () => {
    const merged = index('merged');
    b.output('d', b.mergeRows(b.input('rows', { dtype: 'f32', rows: 2, cols: 3 }), merged));
    expect(indexLimits(b.build()).get(merged.id)).toBe(Number.POSITIVE_INFINITY);
  });
});
