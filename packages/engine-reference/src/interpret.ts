import type { Node, Region } from '@gru4rec/program';
import { type Kernel, type Matrix, zeros } from './matrix.ts';
import { kernels } from './ops/registry.ts';

/** Computes nodes in order: reads their inputs from `values` (by tensor id) and adds their outputs to it. */
export function interpret(nodes: readonly Node[], values: Map<number, Matrix>): void {
  for (const node of nodes) {
    const inputs = node.inputs.map((t) => values.get(t.id) as Matrix);
    const outputs = node.region ? interpretRegion(node.region, inputs) : [interpretOp(node, inputs)];
    for (const [i, output] of node.outputs.entries()) values.set(output.id, outputs[i]);
  }
}

/** Outputs of a region for given inputs, by way of its body. */
export function interpretRegion(region: Region, inputs: readonly Matrix[]): Matrix[] {
  const values = new Map(region.inputs.map((t, i) => [t.id, inputs[i]]));
  interpret(region.nodes, values);
  return region.outputs.map((t) => values.get(t.id) as Matrix);
}

function interpretOp(node: Node, inputs: readonly Matrix[]): Matrix {
  const out = zeros(node.outputs[0]);
  kernelOf(node.op)(out, inputs, node.attributes);
  return out;
}

/** @throws RangeError if no kernel has that name. */
export function kernelOf(op: string): Kernel {
  const kernel = kernels[op];
  if (kernel === undefined) {
    throw new RangeError(
      `reference engine: "op" expected one of ${Object.keys(kernels).join(', ')}, got ${op}`,
    );
  }
  return kernel;
}
