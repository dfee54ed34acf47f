import type { Node, OpName, Region } from '@gru4rec/program';
import { type Matrix, zeros } from './matrix.ts';
import { kernels } from './ops/registry.ts';

/** Computes nodes in order. Reads their inputs from `values`, by tensor id, and adds their outputs. */
export function interpret(nodes: readonly Node[], values: Map<number, Matrix>): void {
  for (const node of nodes) {
    const inputs = node.inputs.map((t) => values.get(t.id) as Matrix);
    const outputs = node.region ? interpretRegion(node.region, inputs) : [interpretOp(node.op, node, inputs)];
    for (const [i, output] of node.outputs.entries()) values.set(output.id, outputs[i]);
  }
}

/** Runs a region's body. */
export function interpretRegion(region: Region, inputs: readonly Matrix[]): Matrix[] {
  const values = new Map(region.inputs.map((t, i) => [t.id, inputs[i]]));
  interpret(region.nodes, values);
  return region.outputs.map((t) => values.get(t.id) as Matrix);
}

function interpretOp(op: OpName, { outputs, attributes }: Node, inputs: readonly Matrix[]): Matrix {
  const out = zeros(outputs[0]);
  kernels[op](out, inputs, attributes);
  return out;
}
