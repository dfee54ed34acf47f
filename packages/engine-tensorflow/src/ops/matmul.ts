import { typeOf } from '../graph-writer.ts';
import { DataType } from '../messages.ts';
import type { OpLowering } from './lowering.ts';

/** A transposed first matrix is a batch of one: a fused CPU `MatMul` fails for a row ("bias must be 1-dimensional"). */
export const matmul: OpLowering = (graph, { attributes }, inputs) => {
  const T = typeOf(DataType.float);
  const [turnA, turnB] = [attributes.transposeA === true, attributes.transposeB === true];
  return turnA
    ? graph.add('BatchMatMulV2', inputs, { attributes: { T, adj_x: { b: true }, adj_y: { b: turnB } } })
    : graph.add('MatMul', inputs, { attributes: { T, transpose_b: { b: turnB } } });
};
