import type { Graph, Tensor } from '@gru4rec/program';
import type { Activation } from '../programs/activations.ts';

/** Inputs of a cell. Dimensions: B batch, H hidden units. */
export interface CellInputs {
  /** x·W of one gate, [B, H]: a product, or rows of W for one-hot input. */
  readonly project: (weight: string) => Tensor;
  /** A state of the previous step, [B, H], already 0 where a session starts. */
  readonly state: (name: string) => Tensor;
  /** A parameter of this layer: U* [H, H], biases [1, H]. */
  readonly parameter: (name: string) => Tensor;
  readonly hiddenAct: Activation;
}

/** A recurrent cell as a forward program; `program` differentiates it. */
export interface Cell {
  /** Gate letters in the order of the papers; each has an input matrix `W<gate>`. */
  readonly gates: readonly string[];
  readonly recurrent: readonly string[];
  readonly biases: readonly string[];
  /** States carried from step to step, each [B, H]; the first is the output, which the layer above reads. */
  readonly states: readonly string[];
  forward(graph: Graph, inputs: CellInputs): readonly Tensor[];
}

/** x·W + h·U + b of one gate, [B, H]. */
export function gate(graph: Graph, { project, state, parameter }: CellInputs, name: string): Tensor {
  const recurrent = graph.matmul(state('h'), parameter(`U${name}`));
  return graph.add(graph.add(project(`W${name}`), recurrent), parameter(`b${name}`));
}
