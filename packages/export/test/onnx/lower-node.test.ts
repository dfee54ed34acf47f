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

  it('writes scale · x + shift with the constants it needs', () => {
    expect(nodesOf((b, x) => b.output('y', b.affine(x, 2, 0)))).toEqual([['y', 'Mul', 'x', 'constant.2']]);
    expect(nodesOf((b, x) => b.output('y', b.affine(x, 2, 1)))).toEqual([
      ['y.scaled', 'Mul', 'x', 'constant.2'],
      ['y', 'Add', 'y.scaled', 'constant.1'],
    ]);
  });

  it('writes a product as MatMul, or as Gemm if an operand is transposed', () => {
    const product = (transposeB: boolean) =>
      nodesOf((b, x) => b.output('y', b.matmul(b.tanh(x), transposeB ? x : b.transpose(x), { transposeB })));
    expect(product(true).at(-1)).toEqual(['y', 'Gemm', 'tanh', 'x']);
    expect(product(false).at(-1)).toEqual(['y', 'MatMul', 'tanh', 'transpose']);
  });
});

describe('lowerProgram', () => {
  it('inlines regions', () => {
    const nodes = nodesOf((b, x) => {
      const [y] = b.region('twice', {}, [x], (body, inner) => [body.tanh(body.tanh(inner))]);
      b.output('y', y!);
    });
    expect(nodes).toEqual([
      ['tanh', 'Tanh', 'x'],
      ['y', 'Tanh', 'tanh'],
    ]);
  });

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
