import type { Graph, Tensor } from '@gru4rec/program';
import type { CellInputs } from './cell.ts';

/** x·W + h·U + b of one gate, [B, H]. */
export function gate(graph: Graph, { project, state, parameter }: CellInputs, name: string): Tensor {
  const recurrent = graph.matmul(state('h'), parameter(`U${name}`));
  return graph.add(graph.add(project(`W${name}`), recurrent), parameter(`b${name}`));
}
