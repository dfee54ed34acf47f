import {
  MOST_NEAR,
  NEIGHBOUR_SCALE,
  neighbourShare,
  neighbourTables,
  type StoredTensor,
} from '@gru4rec/model';
import { DataType, type OnnxGraph } from './onnx-graph.ts';

/** Takes an item of the history out of the neighbours. */
const FAR = -1e9;

/** What each item gets as a neighbour of `history` int64 [batch, K]; see `SessionNeighbours`. @returns float [batch, I]. */
export function neighbourValues(
  graph: OnnxGraph,
  { tensors }: { readonly tensors: readonly StoredTensor[] },
  places: number,
): string {
  const apply = (opType: string, inputs: readonly string[], attributes = {}): string => {
    const name = graph.reserve(`neighbours.${opType.toLowerCase()}`);
    graph.append(opType, inputs, [name], attributes);
    return name;
  };
  const integer = (value: number) => graph.integer(`neighbours.${value}`, value, [1]);
  const table = (wanted: string): StoredTensor => tensors.find(({ name }) => name === wanted) as StoredTensor;
  const rowsOf = (wanted: string): string => {
    const { name, rows, cols, values } = table(wanted);
    return apply('Gather', [graph.matrix(name, rows, cols, values), row]);
  };
  const add = (to: string, at: string, values: string): string =>
    apply('ScatterElements', [to, at, values], { axis: { int: 1 }, reduction: { text: 'add' } });
  const { rows: itemCount } = table(neighbourTables.items);
  const zero = graph.float(0);
  const row = apply('Max', ['history', integer(0)]);
  const known = apply('GreaterOrEqual', ['history', integer(0)]);
  const share = Float32Array.from({ length: places }, (_, place) => neighbourShare(place));
  const shares = graph.matrix('neighbours.shares', places, 1, share);
  const weights = apply('Where', [apply('Unsqueeze', [known, integer(-1)]), shares, zero]);
  const similar = apply('Mul', [rowsOf(neighbourTables.similarities), weights]);
  const items = apply('Cast', [rowsOf(neighbourTables.items)], { to: { int: DataType.int64 } });
  const batch = apply('Gather', [apply('Shape', ['history']), integer(0)]);
  const none = apply('Expand', [zero, apply('Concat', [batch, integer(itemCount)], { axis: { int: 0 } })]);
  const sums = add(none, apply('Flatten', [items]), apply('Flatten', [similar]));
  const away = apply('Where', [known, graph.float(FAR), zero]);
  const others = apply('Relu', [add(sums, row, away)]);
  const greatest = graph.reserve('neighbours.greatest');
  const count = Math.min(MOST_NEAR + 1, itemCount);
  graph.append('TopK', [others, integer(count)], [greatest, graph.reserve('neighbours.places')]);
  const least = apply('Gather', [greatest, integer(count - 1)], { axis: { int: 1 } });
  const near = apply('Where', [apply('Greater', [others, least]), others, zero]);
  const scaled = apply('Add', [apply('Div', [near, graph.float(NEIGHBOUR_SCALE)]), graph.float(1)]);
  return apply('Mul', [apply('Log', [scaled]), graph.float(Number(table('repeat.w').values[0]))]);
}
