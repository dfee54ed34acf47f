import { elu, exp, leakyRelu, log, relu, sigmoid, sqrt, step, tanh } from './activations.ts';
import { adjust } from './adjust.ts';
import { add, affine, divide, matmul, multiply, subtract } from './arithmetic.ts';
import type { OpDefinition } from './definition.ts';
import { concat, diagonal, fromDiagonal, slice, transpose } from './layout.ts';
import { rankCounts, topAllowed, topIndices } from './ranking.ts';
import { broadcast, max, stopGradient, sum } from './reductions.ts';
import { addRows, gather, mergeRows, scatterRows } from './rows.ts';
import { constant, dropoutMask } from './sources.ts';

export const ops = {
  gather: gather as OpDefinition,
  'scatter-rows': scatterRows as OpDefinition,
  'merge-rows': mergeRows as OpDefinition,
  'add-rows': addRows as OpDefinition,
  matmul: matmul as OpDefinition,
  add: add as OpDefinition,
  subtract: subtract as OpDefinition,
  multiply: multiply as OpDefinition,
  divide: divide as OpDefinition,
  affine: affine as OpDefinition,
  sigmoid: sigmoid as OpDefinition,
  tanh: tanh as OpDefinition,
  step: step as OpDefinition,
  relu: relu as OpDefinition,
  'leaky-relu': leakyRelu as OpDefinition,
  elu: elu as OpDefinition,
  exp: exp as OpDefinition,
  log: log as OpDefinition,
  sqrt: sqrt as OpDefinition,
  sum: sum as OpDefinition,
  max: max as OpDefinition,
  broadcast: broadcast as OpDefinition,
  'stop-gradient': stopGradient as OpDefinition,
  transpose: transpose as OpDefinition,
  diagonal: diagonal as OpDefinition,
  'from-diagonal': fromDiagonal as OpDefinition,
  concat: concat as OpDefinition,
  slice: slice as OpDefinition,
  'rank-counts': rankCounts as OpDefinition,
  'top-indices': topIndices as OpDefinition,
  'top-allowed': topAllowed as OpDefinition,
  adjust: adjust as OpDefinition,
  constant: constant as OpDefinition,
  'dropout-mask': dropoutMask as OpDefinition,
};

/** Name of a primitive op, such as `matmul`. */
export type OpName = keyof typeof ops;

/** Names of the primitive ops, in registry order. */
export const opNames: readonly OpName[] = Object.keys(ops) as OpName[];

/** The definition of a primitive op. @throws RangeError listing the known names. */
export function opDefinition(name: string): OpDefinition {
  if (Object.hasOwn(ops, name)) return ops[name as OpName];
  throw new RangeError(`opDefinition: "name" expected one of ${opNames.join(', ')}, got ${name}`);
}
