import { outputOf } from '@gru4rec/program';
import { typeOf } from '../graph-writer.ts';
import { DataType } from '../messages.ts';
import { type OpLowering, reduce } from './lowering.ts';

export const sum: OpLowering = (graph, { attributes }, [x = '']) =>
  reduce(graph, 'Sum', x, Number(attributes.axis));

export const max: OpLowering = (graph, { attributes }, [x = '']) =>
  reduce(graph, 'Max', x, Number(attributes.axis));

export const broadcast: OpLowering = (graph, node, [x = '']) => {
  const { rows, cols } = outputOf(node);
  const attributes = { T: typeOf(DataType.float), Tidx: typeOf(DataType.int32) };
  return graph.add('BroadcastTo', [x, graph.integers([rows, cols])], { attributes });
};

export const stopGradient: OpLowering = (_graph, _node, [x = '']) => x;
