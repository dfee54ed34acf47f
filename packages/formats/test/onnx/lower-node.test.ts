import { ProgramBuilder } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { lowerProgram } from '../../src/onnx/lower-program.ts';

const lowered = (append: (b: ProgramBuilder, x: ReturnType<ProgramBuilder['input']>) => void) =>
  lowerProgram((slots) => {
    const b = new ProgramBuilder('test');
    append(b, b.input('x', { dtype: 'f32', rows: slots, cols: 4 }));
    return b.build();
  }, new Map());
const nodesOf = (...parameters: Parameters<typeof lowered>) =>
  lowered(...parameters).graph.nodes.map(({ name, opType, inputs }) => [name, opType, ...inputs]);

describe('lowerNode', () => {
  it('names an unknown op', () => {
    expect(() => lowered((b, x) => b.output('y', b.log(x)))).toThrow(
      /^lowerNode: "op" expected one of gather, matmul, .*, elu, got log\. Add it to lower-node\.ts\.$/,
    );
  });

  it('writes a product as MatMul, or as Gemm if an operand is transposed', () => {
    const product = (transposeB: boolean) =>
      nodesOf((b, x) => b.output('y', b.matmul(b.tanh(x), transposeB ? x : b.transpose(x), { transposeB })));
    expect(product(true).at(-1)).toEqual(['y', 'Gemm', 'tanh', 'x']);
    expect(product(false).at(-1)).toEqual(['y', 'MatMul', 'tanh', 'transpose']);
  });
});

describe('lowerProgram', () => {
  it('gives two outputs of one value separate names', () => {
    const nodes = nodesOf((b, x) => {
      b.output('y', b.tanh(x));
      b.output('z', b.tanh(x));
    });
    expect(nodes).toEqual([
      ['y', 'Tanh', 'x'],
      ['z', 'Identity', 'y'],
    ]);
  });
});
