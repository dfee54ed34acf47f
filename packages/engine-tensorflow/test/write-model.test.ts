import { checkInputs, ProgramBuilder } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { GraphWriter } from '../src/graph-writer.ts';
import { PackedInputs } from '../src/write-model.ts';

const builder = new ProgramBuilder('p');
builder.input('items', { dtype: 'i32', rows: 2, cols: 1 });
builder.input('mask', { dtype: 'f32', rows: 1, cols: 3 });
const program = builder.build();
const packed = new PackedInputs(program);

describe('PackedInputs', () => {
  it('stores the words of all inputs one after another, floats as their bits', () => {
    const words = new Int32Array(5).fill(9);
    const inputs = { items: Int32Array.of(7, -1), mask: Float32Array.of(0, 1, -2) };
    packed.store(checkInputs(program, inputs), words);
    const bits = new Int32Array(Float32Array.of(0, 1, -2).buffer);
    expect([...words]).toEqual([7, -1, ...bits]);
  });

  it('reads each from its own offset', () => {
    const graph = new GraphWriter('');
    const unpacked = packed.unpack(graph, 'packed');
    expect(unpacked.map(([tensor]) => tensor.dtype)).toEqual(['i32', 'f32']);
    const slices = graph.nodes.filter((node) => node.op === 'Slice').map((node) => node.input);
    expect(slices).toEqual([
      ['packed', graph.integers([0]), graph.integers([2])],
      ['Bitcast', graph.integers([2]), graph.integers([3])],
    ]);
    expect(graph.nodes.filter((node) => node.op === 'Bitcast').map((node) => node.input)).toEqual([
      ['packed'],
    ]);
  });
});
