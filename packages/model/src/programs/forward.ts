import type { ProgramBuilder, Tensor } from '@gru4rec/program';
import { cellOf } from '../cells/registry.ts';
import { losses } from '../losses/registry.ts';
import { type Activation, activate, parseActivation } from './activations.ts';
import type { StepConfig } from './step-config.ts';

/** Everything one forward pass needs beside the builder. */
export interface Forward {
  readonly config: StepConfig;
  readonly itemCount: number;
  /** Slots of this program: the batch size when training. */
  readonly slots: number;
  readonly input: Tensor;
  /** [B, 1], 1 where a session starts; where there is none, the states are taken as they are. */
  readonly resetMask?: Tensor;
  /** Prefix of the state variables, so that training and scoring keep their own. */
  readonly statePrefix: string;
  /** [1, B], in training: the state of a slot that has run out is 0, so that nothing can grow in it unseen. */
  readonly live?: Tensor;
  /** Philox words of this step, in training with dropout alone. */
  readonly philox?: Tensor;
}

/** Rows that score items, [I, H]. */
export function outputTable(b: ProgramBuilder, config: StepConfig, itemCount: number): Tensor {
  return b.variable('Wy', 'table', itemCount, config.layers.at(-1) ?? 0);
}

/** A state variable [slots, units] of a forward pass. */
export interface StateVariable {
  readonly name: string;
  readonly units: number;
}

/** The states that `hiddenState` assigns, layer by layer; the first of each layer is its output. */
export function stateVariables(config: StepConfig, prefix: string): StateVariable[] {
  const { states } = cellOf(config);
  return config.layers.flatMap((units, l) => states.map((s) => ({ name: stateName(prefix, l, s), units })));
}

function stateName(prefix: string, layer: number, state: string): string {
  return `${prefix}layer${layer}.${state}`;
}

/**
 * Scores [B, N] of N rows of the output table by the last layer's output [B, H], passed through `finalAct` for
 * losses that train behind it.
 *
 * @param rows.bias - [N, 1].
 */
export function scoreRows(
  b: ProgramBuilder,
  config: StepConfig,
  hidden: Tensor,
  rows: { readonly table: Tensor; readonly bias: Tensor },
): Tensor {
  const scores = b.add(b.matmul(hidden, rows.table, { transposeB: true }), b.transpose(rows.bias));
  return activate(b, scores, finalActivation(config));
}

/** The same scores standing, [N, B]: what ranks them goes by the rows of the table. */
export function scoreColumns(
  b: ProgramBuilder,
  config: StepConfig,
  hidden: Tensor,
  rows: { readonly table: Tensor; readonly bias: Tensor },
): Tensor {
  // One column lies like one row, and a table times a vector has a kernel.
  if (hidden.rows === 1) return b.transpose(scoreRows(b, config, hidden, rows));
  const scores = b.add(b.matmul(rows.table, hidden, { transposeB: true }), rows.bias);
  return activate(b, scores, finalActivation(config));
}

function finalActivation(config: StepConfig): Activation {
  return parseActivation(losses[config.loss].reads.includes('finalAct') ? config.finalAct : 'linear');
}

/** Biases of all items, [I, 1]. */
export function outputBias(b: ProgramBuilder, itemCount: number): Tensor {
  return b.variable('by', 'table', itemCount, 1);
}

/** Runs the embedding and every layer; assigns the new states. Returns the last layer's output [B, H]. */
export function hiddenState(b: ProgramBuilder, forward: Forward): Tensor {
  const { config, slots, resetMask, statePrefix } = forward;
  const going = resetMask && b.affine(resetMask, -1, 1);
  const alive = forward.live && b.transpose(forward.live);
  const keep = going && alive ? b.multiply(going, alive) : (going ?? alive);
  const cell = cellOf(config);
  const hiddenAct = parseActivation(config.hiddenAct);
  let x = embed(b, forward);
  for (const [l, units] of config.layers.entries()) {
    const state = (name: string): Tensor => {
      const carried = b.variable(stateName(statePrefix, l, name), 'state', slots, units);
      return keep ? b.multiply(carried, keep) : carried;
    };
    const parameter = (name: string): Tensor => {
      const rows = cell.biases.includes(name) ? 1 : units;
      return b.variable(`layer${l}.${name}`, 'parameter', rows, units);
    };
    const below = x;
    const project = (weight: string): Tensor => {
      const name = `layer${l}.${weight}`;
      if (!below) return b.gather(b.variable(name, 'table', forward.itemCount, units), forward.input);
      return b.matmul(below, b.variable(name, 'parameter', below.cols, units));
    };
    const next = cell.forward(b, { project, state, parameter, hiddenAct });
    for (const [i, name] of cell.states.entries()) {
      const value = next[i] as Tensor;
      // Dropout is on the output alone; a cell state is carried whole.
      const carried = i === 0 ? dropped(b, value, config.dropoutPHidden, 1 + l, forward.philox) : value;
      b.assign(stateName(statePrefix, l, name), carried);
      if (i === 0) x = carried;
    }
  }
  return x as Tensor;
}

/** Input rows [B, E] after embedding dropout; nothing for one-hot input, where the gates gather their rows. */
function embed(b: ProgramBuilder, forward: Forward): Tensor | undefined {
  const { config, itemCount, input } = forward;
  if (!config.constrainedEmbedding && config.embedding === 0) return undefined;
  const table = config.constrainedEmbedding
    ? outputTable(b, config, itemCount)
    : b.variable('E', 'table', itemCount, config.embedding);
  return dropped(b, b.gather(table, input), config.dropoutPEmbed, 0, forward.philox);
}

function dropped(b: ProgramBuilder, x: Tensor, p: number, stream: number, philox?: Tensor): Tensor {
  return philox && p > 0 ? b.multiply(x, b.dropoutMask(philox, x, p, stream)) : x;
}
