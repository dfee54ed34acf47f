import { inputOf, type Node, outputOf, ProgramBuilder } from '@gru4rec/program';
import { expect, it } from 'vitest';

const builder = new ProgramBuilder('product');
const a = builder.variable('a', 'constant', 2, 3);
const b = builder.variable('b', 'constant', 3, 4);
const product = builder.matmul(a, b);
const [node] = builder.nodes as [Node];

it('gives inputs and outputs, by default the first, and refuses an index out of range', () => {
  expect([inputOf(node), inputOf(node, 1), outputOf(node)]).toEqual([a, b, product]);
  expect(() => inputOf(node, 2)).toThrow('tensorAt: "index" expected integer in [0, 2), got 2');
});
