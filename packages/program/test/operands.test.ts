import { inputOf, type Node, outputOf, ProgramBuilder } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';

const builder = new ProgramBuilder('product');
const a = builder.variable('a', 'constant', 2, 3);
const b = builder.variable('b', 'constant', 3, 4);
const product = builder.matmul(a, b);
const [node] = builder.nodes as [Node];

describe('inputOf', () => {
  it('gives an input, by default the first', () => {
    expect([inputOf(node), inputOf(node, 1)]).toEqual([a, b]);
  });

  it('refuses an index out of range', () => {
    expect(() => inputOf(node, 2)).toThrow('tensorAt: "index" expected integer in [0, 2), got 2');
  });
});

describe('outputOf', () => {
  it('gives the output', () => {
    expect(outputOf(node)).toBe(product);
  });

  it('refuses an index out of range', () => {
    expect(() => outputOf(node, 1)).toThrow('tensorAt: "index" expected integer in [0, 1), got 1');
  });
});
