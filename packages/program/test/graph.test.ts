import { type Graph, inputOf, type Node, type OpName, outputOf, type Tensor } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { builder } from './fixtures.ts';

describe('Graph', () => {
  it('returns an existing op', () => {
    const { b, f32 } = builder();
    const x = f32(2, 3);
    expect(b.tanh(b.sigmoid(x))).toBe(b.tanh(b.sigmoid(x)));
    expect(b.nodes.map((node) => node.op)).toEqual(['sigmoid', 'tanh']);
  });

  it('distinguishes ops that differ in inputs, order or attributes', () => {
    const { b, f32 } = builder();
    const [x, y] = [f32(2, 3), f32(2, 3)];
    expect(b.subtract(x, y)).not.toBe(b.subtract(y, x));
    expect(b.sum(x, 0)).not.toBe(b.sum(x, 1));
    expect(b.elu(x, 1)).not.toBe(b.elu(x, 0.5));
  });

  it('distinguishes constants with equal JSON', () => {
    const { b } = builder();
    const values = [0, -0, Infinity, -Infinity, Number.NaN];
    expect(new Set(values.map((value) => b.constant(value).id)).size).toBe(values.length);
  });

  it.each(['sofmax', 'region', 'toString'])('lists the known ops for %s', (name) => {
    const { b } = builder();
    expect(() => b.apply(name as OpName, [])).toThrow(
      new RegExp(`"name" expected one of gather, scatter-rows, .*, got ${name}`),
    );
  });

  it('has nodes whose inputs and outputs are given, by default the first, in range', () => {
    const { b, f32 } = builder();
    const [x, y] = [f32(2, 3), f32(3, 4)];
    const product = b.matmul(x, y);
    const [node] = b.nodes as [Node];
    expect([inputOf(node), inputOf(node, 1), outputOf(node)]).toEqual([x, y, product]);
    expect(() => inputOf(node, 2)).toThrow('tensorAt: "index" expected integer in [0, 2), got 2');
  });

  it('appends a region as one node, and returns it if it exists', () => {
    const { b, f32 } = builder();
    const x = f32(2, 3);
    const twice = (g: Graph, value: Tensor): readonly Tensor[] => [g.affine(value, 2, 0), g.tanh(value)];
    const outputs = b.region('twice', { factor: 2 }, [x], twice);
    expect(outputs.map(({ rows, cols }) => [rows, cols])).toEqual([
      [2, 3],
      [2, 3],
    ]);
    expect(b.region('twice', { factor: 2 }, [x], twice)).toBe(outputs);
    expect(b.nodes).toHaveLength(1);
    expect(b.nodes[0]?.region?.nodes.map((node) => node.op)).toEqual(['affine', 'tanh']);
  });

  it('refuses to call a region with other shapes', () => {
    const { b, f32 } = builder();
    b.region('twice', {}, [f32(2, 3)], (g, value) => [g.affine(value, 2, 0)]);
    const region = b.nodes[0]?.region;
    if (!region) throw new Error('the region is missing');
    expect(() => b.call(region, [f32(3, 3)])).toThrow('twice: input 0 expected f32 [2, 3], got f32 [3, 3]');
    expect(() => b.call(region, [])).toThrow('twice: input 0 expected f32 [2, 3], got nothing');
  });
});
