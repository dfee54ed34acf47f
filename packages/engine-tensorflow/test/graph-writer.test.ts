import { describe, expect, it } from 'vitest';
import { GraphWriter } from '../src/graph-writer.ts';

describe('GraphWriter', () => {
  it('writes equal constants once, and distinguishes 0 from −0 and a number from a vector', () => {
    const graph = new GraphWriter('');
    expect(graph.floats([1])).toBe(graph.floats([1]));
    const different = [
      graph.floats([0]),
      graph.floats([-0]),
      graph.floats([0], [1]),
      graph.integers([0]),
      graph.integers([0], []),
    ];
    expect(new Set(different).size).toBe(different.length);
  });

  it('names nodes after their scope, each uniquely, with characters that TensorFlow allows', () => {
    const graph = new GraphWriter('');
    const [one, two] = graph.scope('train-merged', () => [graph.add('Exp', ['x']), graph.add('Exp', ['y'])]);
    expect([one, two, graph.add('Exp', ['z'])]).toEqual(['train_merged/Exp', 'train_merged/Exp_1', 'Exp']);
    expect(graph.scope('-a', () => graph.add('Exp', ['x']))).toMatch(/^[A-Za-z0-9.][A-Za-z0-9_.\\/-]*$/);
  });

  it('lists control dependencies after the inputs, each node once', () => {
    const graph = new GraphWriter('/device:CPU:0');
    graph.add('Neg', ['x:1'], { after: ['a', 'a:1', 'b'] });
    expect(graph.nodes).toEqual([
      { name: 'Neg', op: 'Neg', input: ['x:1', '^a', '^b'], device: '/device:CPU:0', attr: {} },
    ]);
  });
});
