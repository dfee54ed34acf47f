import type { OpName } from '@gru4rec/program';
import { elu, exp, leakyRelu, log, type OpCase, relu, sigmoid, sqrt, step, tanh } from './activations.ts';
import { adjust } from './adjust.ts';
import { add, affine, divide, multiply, subtract } from './arithmetic.ts';
import { gather } from './gather.ts';
import { concat, diagonal, fromDiagonal, slice, transpose } from './layout.ts';
import { matmul } from './matmul.ts';
import { rankCounts, topAllowed, topIndices } from './ranking.ts';
import { broadcast, max, stopGradient, sum } from './reductions.ts';
import { addRows, mergeRows, scatterRows } from './rows.ts';
import { constant, dropoutMask } from './sources.ts';

/** What is compared for each primitive op, by its name. */
export const opCases: Readonly<Record<OpName, OpCase>> = {
  gather,
  'scatter-rows': scatterRows,
  'merge-rows': mergeRows,
  'add-rows': addRows,
  matmul,
  add,
  subtract,
  multiply,
  divide,
  affine,
  sigmoid,
  tanh,
  step,
  relu,
  'leaky-relu': leakyRelu,
  elu,
  exp,
  log,
  sqrt,
  sum,
  max,
  broadcast,
  'stop-gradient': stopGradient,
  transpose,
  diagonal,
  'from-diagonal': fromDiagonal,
  concat,
  slice,
  'rank-counts': rankCounts,
  'top-indices': topIndices,
  'top-allowed': topAllowed,
  adjust,
  constant,
  'dropout-mask': dropoutMask,
};
