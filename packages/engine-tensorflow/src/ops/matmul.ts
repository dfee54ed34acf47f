import { typeOf } from '../graph-writer.ts';
import { DataType } from '../messages.ts';
import type { OpLowering } from './lowering.ts';

/**
 * Writes a product with a transposed first matrix as a batch of one: on the CPU, TensorFlow fuses a `MatMul` with a row that
 * is added to it, and the fused kernel then refuses the row's two dimensions ("bias must be 1-dimensional").
 */
export const matmul: OpLowering = (graph, { attributes }, inputs) => {
  const T = typeOf(DataType.float);
  const [turnA, turnB] = [attributes.transposeA === true, attributes.transposeB === true];
  return turnA
    ? graph.add('BatchMatMulV2', inputs, { attributes: { T, adj_x: { b: true }, adj_y: { b: turnB } } })
    : graph.add('MatMul', inputs, { attributes: { T, transpose_b: { b: turnB } } });
};
