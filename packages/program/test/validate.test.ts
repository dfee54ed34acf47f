import { adagrad, type Program, type Tensor, validateProgram } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { builder } from './fixtures.ts';

const stranger: Tensor = { id: 999, dtype: 'f32', rows: 2, cols: 3 };

function wellFormed(): Program {
  const { b, f32 } = builder();
  const state = b.variable('state', 'state', 2, 3);
  b.variable('w', 'parameter', 2, 3);
  const next = b.tanh(b.add(state, f32(2, 3)));
  b.assign('state', next);
  b.output('next', next);
  b.update('w', { kind: 'dense', tensor: next }, adagrad(), [b.constant(0.1)]);
  return b.build();
}

function expectError(change: (program: Program) => Partial<Program>, message: string): void {
  const program = wellFormed();
  expect(() => validateProgram({ ...program, ...change(program) })).toThrow(
    new RangeError(`program "test"${message}`),
  );
}

describe('validateProgram', () => {
  it('names a tensor that is read before it is written', () => {
    const read = wellFormed().nodes[0]?.outputs[0]?.id;
    expectError(
      ({ nodes }) => ({ nodes: nodes.toReversed() }),
      `, node 1 (tanh): reads tensor ${read} before it is written`,
    );
  });

  it('names a tensor that is written twice', () => {
    const [node] = wellFormed().nodes;
    expectError(
      ({ nodes }) => ({ nodes: [nodes[0], nodes[0]] as Program['nodes'] }),
      `, node 1 (add): writes tensor ${node?.outputs[0]?.id} twice`,
    );
  });

  it('checks outputs of ops against their shape rule', () => {
    expectError(
      ({ nodes: [node] }) => ({ nodes: node ? [{ ...node, outputs: [{ ...stranger, cols: 4 }] }] : [] }),
      ', node 0 (add) expected f32 [2, 3], got f32 [2, 4]',
    );
  });

  it('names outputs, assignments and gradients that are never computed', () => {
    expectError(() => ({ outputs: { loss: stranger } }), ': output "loss" is never computed');
    expectError(
      () => ({ assignments: [{ variable: 'state', value: stranger }] }),
      ': value of "state" is never computed',
    );
    expectError(
      ({ updates }) => ({
        updates: updates.map((u) => ({ ...u, gradient: { kind: 'dense', tensor: stranger } })),
      }),
      ': update of "w" is never computed',
    );
  });

  it('names unknown variables', () => {
    expectError(
      () => ({ assignments: [{ variable: 'stat', value: stranger }] }),
      ': assignment to unknown variable "stat"',
    );
  });

  it('refuses to change a variable twice', () => {
    const twice = (name: string): string =>
      `: "${name}" is changed twice. Give it one assignment or one update.`;
    expectError(({ assignments: [one] }) => ({ assignments: one ? [one, one] : [] }), twice('state'));
    expectError(
      ({ updates, assignments }) => ({
        updates: updates.map((u) => ({ ...u, slots: ['state'] })),
        assignments,
      }),
      twice('state'),
    );
  });

  it('checks assignments and gradients against the shape of their variable', () => {
    const narrow = { ...stranger, cols: 1 };
    expectError(
      () => ({ assignments: [{ variable: 'state', value: narrow }] }),
      ': assignment to "state" expected f32 [2, 3], got f32 [2, 1]',
    );
    const { b, f32, i32 } = builder();
    b.variable('table', 'table', 9, 3);
    b.update('table', { kind: 'rows', parts: [{ indices: i32(4), rows: f32(4, 2) }] }, adagrad(), [
      b.constant(1),
    ]);
    expect(() => b.build()).toThrow(
      'program "test": gradient of "table", rows expected f32 [4, 3], got f32 [4, 2]',
    );
  });
});
