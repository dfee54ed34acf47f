import { differentiate, type Tensor } from '@gru4rec/program';
import { checkGradient } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { builder, weightedSum } from './fixtures.ts';

describe('differentiate', () => {
  it('adds the gradients of a value that is read several times', () => {
    checkGradient(
      (g, x, w) => {
        const hidden = g.tanh(g.matmul(x, w));
        const gate = g.sigmoid(hidden);
        return weightedSum(g, g.add(g.multiply(gate, hidden), g.matmul(gate, w)));
      },
      [
        { rows: 2, cols: 3 },
        { rows: 3, cols: 3 },
      ],
    );
  });

  it('differentiates regions, nested ones and those with several outputs', () => {
    checkGradient(
      (g, x, bias) => {
        const [gate, sum] = g.region('gate', {}, [x, bias], (body, a, b) => {
          const added = body.add(a, b);
          const inner = body.region('inner', {}, [added], (g2, y) => [g2.sigmoid(g2.affine(y, 2, 0))]);
          return [inner[0], added];
        });
        return weightedSum(g, g.multiply(g.tanh(gate), sum));
      },
      [
        { rows: 3, cols: 4 },
        { rows: 1, cols: 4 },
      ],
    );
  });

  it('differentiates a region with unused outputs or with one tensor as two inputs', () => {
    checkGradient(
      (g, x) => {
        const [product] = g.region('pair', {}, [x, x], (body, a, b) => [
          body.multiply(a, body.tanh(b)),
          body.exp(a),
        ]);
        return weightedSum(g, product);
      },
      [{ rows: 2, cols: 3 }],
    );
  });

  it('makes one region <name>.gradient that computes only the requested gradients', () => {
    const { b, f32 } = builder();
    const w = b.variable('w', 'parameter', 2, 3);
    const [y] = b.region('product', { kind: 'plain' }, [f32(2, 3), w], (body, x, v) => [body.multiply(x, v)]);
    b.gradients(weightedSum(b, y));
    const gradient = b.nodes.find((node) => node.region?.name === 'product.gradient');
    expect(gradient?.attributes).toEqual({ kind: 'plain', of: '1', by: '01' });
    expect(gradient?.inputs).toHaveLength(3);
    expect(gradient?.outputs).toHaveLength(1);
  });

  it('gives no entry for tensors that the values do not depend on', () => {
    const { b, f32 } = builder();
    const [x, y] = [f32(2, 2), f32(2, 2)];
    const found = differentiate(b, b.nodes, [[b.tanh(x), b.constant(1, 2, 2)]], [x, y]);
    expect([...found.keys()]).toEqual([x.id]);
  });

  it('names an op without gradient and what to do', () => {
    const { b } = builder();
    const w = b.variable('w', 'parameter', 2, 3);
    expect(() => b.gradients(weightedSum(b, b.max(w, 1)))).toThrow(
      'differentiate: op max has no gradient. Put it under stopGradient.',
    );
  });

  it('adds row gradients to the dense gradient of a table that is also read as a whole', () => {
    checkGradient(
      (g, table, w) => {
        const [one, other] = ['one', 'other'].map((name) =>
          g.gather(table, g.input(name, { dtype: 'i32', rows: 4, cols: 1 })),
        ) as [Tensor, Tensor];
        const rows = weightedSum(g, g.tanh(g.matmul(g.multiply(one, other), w)));
        return g.add(rows, weightedSum(g, g.sigmoid(table)));
      },
      [
        { rows: 5, cols: 3 },
        { rows: 3, cols: 3 },
      ],
      { inputs: { one: Int32Array.of(2, -1, 0, 2), other: Int32Array.of(4, 1, 2, 2) } },
    );
  });

  it('gives a table a dense gradient if it is read as a whole, else row gradients', () => {
    const { b, i32 } = builder();
    const [whole, byRows] = ['whole', 'byRows'].map((name) => b.variable(name, 'table', 2, 3)) as [
      Tensor,
      Tensor,
    ];
    const parts = [whole, byRows, whole].map((table) => b.gather(table, i32(2)));
    const loss = [...parts, b.tanh(whole)].map((x) => weightedSum(b, x)).reduce((x, y) => b.add(x, y));
    const gradients = b.gradients(loss);
    expect(gradients.get('whole')).toMatchObject({ kind: 'dense', tensor: { rows: 2, cols: 3 } });
    expect(gradients.get('byRows')).toMatchObject({ kind: 'rows', parts: [{ rows: { rows: 2, cols: 3 } }] });
    expect(b.nodes.filter((node) => node.op === 'scatter-rows')).toHaveLength(2);
  });

  it('refuses to gather from a computed value and from the input of a region', () => {
    const { b, i32 } = builder();
    const w = b.variable('w', 'table', 2, 3);
    const computed = b.tanh(w);
    expect(() => b.gradients(weightedSum(b, b.gather(computed, i32(2))))).toThrow(
      `differentiate: tanh gives tensor ${computed.id} row gradients. Gather from a variable.`,
    );
    const [rows] = b.region('rows', {}, [w, i32(2)], (body, table, indices) => [body.gather(table, indices)]);
    expect(() => b.gradients(weightedSum(b, rows))).toThrow(
      'differentiate: region rows gathers from an input',
    );
  });
});
