import { elu, exp, leakyRelu, log, relu, sigmoid, sqrt, step, tanh } from './activations.ts';
import { add, affine, divide, multiply, subtract } from './arithmetic.ts';
import type { OpDefinition } from './definition.ts';
import { gather } from './gather.ts';
import { concat, diagonal, fromDiagonal, slice, transpose } from './layout.ts';
import { matmul } from './matmul.ts';
import { rankCounts, topIndices } from './ranking.ts';
import { broadcast, max, stopGradient, sum } from './reductions.ts';
import { mergeRows, scatterRows } from './rows.ts';
import { constant, dropoutMask } from './sources.ts';

const definitions: readonly OpDefinition[] = [
  gather,
  scatterRows,
  mergeRows,
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
  leakyRelu,
  elu,
  exp,
  log,
  sqrt,
  sum,
  max,
  broadcast,
  stopGradient,
  transpose,
  diagonal,
  fromDiagonal,
  concat,
  slice,
  rankCounts,
  topIndices,
  constant,
  dropoutMask,
];

const byName: ReadonlyMap<string, OpDefinition> = new Map(definitions.map((d) => [d.name, d]));

/** Names of the primitive ops, in registry order. An engine must run every one. */
export const opNames: readonly string[] = definitions.map((d) => d.name);

/**
 * The definition of a primitive op.
 * @throws RangeError listing the known names.
 */
export function opDefinition(name: string): OpDefinition {
  const definition = byName.get(name);
  if (definition === undefined) {
    throw new RangeError(`opDefinition: "name" expected one of ${opNames.join(', ')}, got ${name}`);
  }
  return definition;
}
