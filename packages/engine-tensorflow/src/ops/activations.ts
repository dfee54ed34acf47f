import { type GraphWriter, type Ref, typeOf } from '../graph-writer.ts';
import { DataType } from '../messages.ts';
import { float, type OpLowering, toFloats } from './lowering.ts';

/** An op that TensorFlow also has, as `name`. */
function named(name: string): OpLowering {
  return (graph, _node, inputs) => float(graph, name, inputs);
}

function isPositive(graph: GraphWriter, x: Ref | undefined): Ref {
  return float(graph, 'Greater', [x as Ref, graph.floats([0])]);
}

export const sigmoid: OpLowering = named('Sigmoid');
export const tanh: OpLowering = named('Tanh');
export const relu: OpLowering = named('Relu');
export const exp: OpLowering = named('Exp');
export const log: OpLowering = named('Log');
export const sqrt: OpLowering = named('Sqrt');

export const step: OpLowering = (graph, _node, [x]) => toFloats(graph, isPositive(graph, x));

export const leakyRelu: OpLowering = (graph, { attributes }, inputs) =>
  graph.add('LeakyRelu', inputs, {
    attributes: { T: typeOf(DataType.float), alpha: { f: Number(attributes.alpha) } },
  });

/** TensorFlow's `Elu` has alpha 1; alpha scales the part below 0. */
export const elu: OpLowering = (graph, { attributes }, [x]) => {
  const plain = float(graph, 'Elu', [x as Ref]);
  const alpha = Number(attributes.alpha);
  if (alpha === 1) return plain;
  const below = float(graph, 'Mul', [plain, graph.floats([alpha])]);
  return float(graph, 'SelectV2', [isPositive(graph, x), x as Ref, below]);
};
