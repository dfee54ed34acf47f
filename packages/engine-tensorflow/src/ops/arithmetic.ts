import { float, type OpLowering } from './lowering.ts';

/** TensorFlow broadcasts like a program. */
function binary(name: string): OpLowering {
  return (graph, _node, inputs) => float(graph, name, inputs);
}

export const add: OpLowering = binary('AddV2');
export const subtract: OpLowering = binary('Sub');
export const multiply: OpLowering = binary('Mul');
export const divide: OpLowering = binary('RealDiv');

/** Subtracts the negated shift: TensorFlow reorders sums of sums, which would lose a score of 1 between 1e30 and −1e30. */
export const affine: OpLowering = (graph, { attributes }, [x = '']) => {
  const [scale, shift] = [Number(attributes.scale), Number(attributes.shift)];
  const scaled = scale === 1 ? x : float(graph, 'Mul', [x, graph.floats([scale])]);
  return shift === 0 ? scaled : float(graph, 'Sub', [scaled, graph.floats([-shift])]);
};
