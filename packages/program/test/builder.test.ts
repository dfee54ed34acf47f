import { adagrad, adam, ProgramBuilder } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { builder } from './fixtures.ts';

describe('ProgramBuilder', () => {
  it('declares a variable once', () => {
    const { b } = builder();
    const w = b.variable('w', 'parameter', 2, 3);
    expect(b.variable('w', 'parameter', 2, 3)).toBe(w);
    expect(b.build().variables).toEqual([
      { variable: { name: 'w', kind: 'parameter', rows: 2, cols: 3 }, tensor: w },
    ]);
  });

  it('refuses a variable already declared with another kind or shape', () => {
    const { b } = builder();
    b.variable('w', 'parameter', 2, 3);
    const expected = 'variable: "w" expected parameter [2, 3] as declared, got';
    expect(() => b.variable('w', 'parameter', 3, 2)).toThrow(`${expected} parameter [3, 2]`);
    expect(() => b.variable('w', 'state', 2, 3)).toThrow(`${expected} state [2, 3]`);
  });

  it('gives gradients only to parameters and tables that the loss depends on', () => {
    const { b, i32 } = builder();
    const w = b.variable('w', 'parameter', 3, 3);
    const rows = b.gather(b.variable('table', 'table', 5, 3), i32(2));
    const state = b.variable('state', 'state', 2, 3);
    b.variable('unused', 'parameter', 3, 3);
    const loss = b.sum(b.sum(b.matmul(b.add(rows, state), w), 1), 0);
    expect([...b.gradients(loss)].map(([name, { kind }]) => [name, kind])).toEqual([
      ['w', 'dense'],
      ['table', 'rows'],
    ]);
  });

  it('refuses a loss that is not a scalar', () => {
    const { b } = builder();
    const w = b.variable('w', 'parameter', 2, 3);
    expect(() => b.gradients(w)).toThrow(
      'gradients: "loss" expected f32 [1, 1], got f32 [2, 3]. Sum it first.',
    );
  });

  it('declares the slots of an update and sizes its region by the touched rows', () => {
    const { b, f32, i32 } = builder();
    b.variable('table', 'table', 50, 3);
    const parts = [
      { indices: i32(4), rows: f32(4, 3) },
      { indices: i32(2), rows: f32(2, 3) },
    ];
    b.update('table', { kind: 'rows', parts }, adagrad({ momentum: 0.1 }), [b.constant(0.05)]);
    const { variables, updates } = b.build();
    expect(variables.map(({ variable }) => [variable.name, variable.kind, variable.rows])).toEqual([
      ['table', 'table', 50],
      ['table.acc', 'slot', 50],
      ['table.mom', 'slot', 50],
    ]);
    expect(updates[0]?.optimizer.inputs[0]).toMatchObject({ rows: 6, cols: 3 });
  });

  it('refuses an update of an undeclared variable', () => {
    const b = new ProgramBuilder('test');
    const gradient = { kind: 'dense', tensor: b.constant(1) } as const;
    expect(() => b.update('w', gradient, adagrad(), [b.constant(1)])).toThrow(
      'update: "name" expected a declared variable, got w',
    );
  });

  it('refuses a state of another shape, and a second change', () => {
    const { b, f32 } = builder();
    b.variable('state', 'state', 2, 3);
    expect(() => b.assign('state', f32(2, 1))).toThrow('assign: "state" expected f32 [2, 3], got f32 [2, 1]');
    b.assign('state', f32(2, 3));
    expect(() => b.assign('state', f32(2, 3))).toThrow('"state" is changed twice');
  });

  it('passes an optimiser its scalars in order, and refuses another number of them', () => {
    const { b, f32 } = builder();
    b.variable('w', 'parameter', 2, 3);
    const gradient = { kind: 'dense', tensor: f32(2, 3) } as const;
    const optimizer = adam({ beta1: 0.9, beta2: 0.999 });
    const scalars = [f32(1, 1), f32(1, 1), f32(1, 1)];
    expect(() => b.update('w', gradient, optimizer, scalars.slice(0, 1))).toThrow(
      'update: "scalars" of adam expected learningRate, firstMomentScale, secondMomentScale, got 1 tensors',
    );
    b.update('w', gradient, optimizer, scalars);
    expect(b.build().updates[0]?.scalars).toEqual(scalars);
  });
});
