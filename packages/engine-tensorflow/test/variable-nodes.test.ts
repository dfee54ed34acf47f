import { adagrad, ProgramBuilder, sharedVariables } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { planPacks } from '../src/variable-nodes.ts';
import { trainParameters } from './train-parameters.ts';
import { trainRows } from './train-rows.ts';

function plan(...programs: Parameters<typeof planPacks>[0]) {
  const places = planPacks(programs, sharedVariables(programs));
  return Object.fromEntries([...places].map(([name, { pack, offset }]) => [name, `${pack.name} ${offset}`]));
}

describe('planPacks', () => {
  it('packs parameters with the same optimiser, and their slots likewise, but no others', () => {
    const packs = plan(trainParameters());
    expect(Object.keys(packs).sort()).toEqual(['a', 'a.acc', 'b', 'b.acc', 'c', 'c.acc']);
    expect([packs.b, packs.a, packs.c]).toEqual(['pack.b 0', 'pack.b 2', 'pack.b 8']);
    expect([packs['b.acc'], packs['a.acc'], packs['c.acc']]).toEqual([
      'pack.b.acc 0',
      'pack.b.acc 2',
      'pack.b.acc 8',
    ]);
  });

  it('does not pack a variable that any program looks up by rows', () => {
    expect(plan(trainRows())).toEqual({});
    const look = new ProgramBuilder('look');
    const items = look.input('items', { dtype: 'i32', rows: 1, cols: 1 });
    look.output('row', look.gather(look.variable('a', 'parameter', 2, 3), items));
    expect(Object.keys(plan(trainParameters(), look.build())).sort()).toEqual(['b', 'b.acc', 'c', 'c.acc']);
  });

  it('does not pack a variable that another program updates differently or assigns', () => {
    const other = new ProgramBuilder('other');
    const gradient = other.input('gradient', { dtype: 'f32', rows: 1, cols: 2 });
    const b = other.variable('b', 'parameter', 1, 2);
    other.update('b', { kind: 'dense', tensor: other.add(b, gradient) }, adagrad(), [other.constant(1)]);
    expect(Object.keys(plan(trainParameters(), other.build())).sort()).toEqual(['a', 'a.acc', 'c', 'c.acc']);
    const reset = new ProgramBuilder('reset');
    reset.variable('c', 'parameter', 3, 1);
    reset.assign('c', reset.constant(0, 3, 1));
    expect(Object.keys(plan(trainParameters(), reset.build())).sort()).toEqual(['a', 'a.acc', 'b', 'b.acc']);
  });
});
