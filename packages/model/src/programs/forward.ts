import { type Graph, type StepGraph, type Tensor, tensorAt } from '@gru4rec/program';
import { cellOf } from '../cells/registry.ts';
import { losses } from '../losses/registry.ts';
import type { StepConfig } from '../model-config.ts';
import { freshVariables } from '../parts/freshness.ts';
import { sparsePartsOf, weightsName, widthOf } from '../parts/registry.ts';
import { activate, parseActivation } from './activations.ts';
import { type StepClicks, withClickRows } from './click-features.ts';
import { ownTable, type StepFeatures, withFeatureRows } from './item-features.ts';

/** Changes of scores: scale·s + added, of the named items or of each of them. */
export interface ScoreChanges {
  /** i32 [B, M]: rows of the items, none twice per session, −1 where there are fewer; undefined: all N items. */
  readonly items: Tensor | undefined;
  /** [B, M] or [B, N] */
  readonly scale: Tensor;
  readonly added: Tensor;
}

/** Declares the weights of the sparse parts, which no step reads or changes, so that models and snapshots have them. */
export function declareParts(b: StepGraph, config: StepConfig): void {
  for (const [name, part] of sparsePartsOf(config)) {
    b.variable(weightsName(name), 'parameter', 1, widthOf(part, config));
  }
}

export interface Forward {
  readonly config: StepConfig;
  readonly itemCount: number;
  readonly slots: number;
  readonly input: Tensor;
  /** [B, 1], 1 where a session starts; without it, no state is reset. */
  readonly resetMask?: Tensor;
  /** Prefix of the state variables, so that programs of one runtime have separate states. */
  readonly statePrefix: string;
  /** [1, B], only in training: resets the states of slots that have run out, which could grow unseen. */
  readonly live?: Tensor;
  /** Philox words of this step, only in training with dropout. */
  readonly philox?: Tensor;
  readonly features?: StepFeatures | undefined;
  readonly clicks?: StepClicks | undefined;
}

function outputTable(b: StepGraph, config: StepConfig, itemCount: number, name = 'Wy'): Tensor {
  return b.variable(name, 'table', itemCount, config.layers.at(-1) ?? 0);
}

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

export interface OutputRows {
  readonly table: Tensor;
  readonly bias: Tensor;
}

/** Which items to score, and whether their biases are those of a moment. */
export interface ScoredItems {
  readonly config: StepConfig;
  readonly itemCount: number;
  readonly fresh?: boolean | undefined;
}

/** The rows that score items. @param items - i32 [N, 1]; all if not given. */
export function outputRows(
  b: StepGraph,
  { config, itemCount, fresh = false }: ScoredItems,
  items?: Tensor,
): OutputRows {
  const table = outputTable(b, config, itemCount);
  const bias = b.variable(fresh ? freshVariables.bias : 'by', 'table', itemCount, 1);
  return rowsAt(b, { table, bias }, items);
}

export function composedOutputRows(
  b: StepGraph,
  config: StepConfig,
  itemCount: number,
  { items, features }: { readonly items: Tensor | undefined; readonly features: StepFeatures },
): OutputRows {
  const table = outputTable(b, config, itemCount, ownTable('Wy'));
  const own = rowsAt(b, { table, bias: b.variable(ownTable('by'), 'table', itemCount, 1) }, items);
  return {
    table: withFeatureRows(b, 'Wy', own.table, features),
    bias: withFeatureRows(b, 'by', own.bias, features),
  };
}

function rowsAt(b: StepGraph, { table, bias }: OutputRows, items: Tensor | undefined): OutputRows {
  return items ? { table: b.gather(table, items), bias: b.gather(bias, items) } : { table, bias };
}

/** hidden [B, H] · tableᵀ + bias, [B, N] for the layout `slots`, [N, B] for `items`, with `changes`. */
export function scores(
  b: Graph,
  hidden: Tensor,
  rows: OutputRows,
  layout: 'slots' | 'items',
  changes?: ScoreChanges,
): Tensor {
  if (changes?.items) {
    const base =
      hidden.rows > 1 ? scores(b, hidden, rows, 'items') : b.transpose(scores(b, hidden, rows, 'slots'));
    const changed = b.adjust(base, changes.items, changes.scale, changes.added);
    return layout === 'items' ? changed : b.transpose(changed);
  }
  if (layout === 'items') return b.add(b.matmul(rows.table, hidden, { transposeB: true }), rows.bias);
  const plain = b.add(b.matmul(hidden, rows.table, { transposeB: true }), b.transpose(rows.bias));
  return changes ? b.add(b.multiply(plain, changes.scale), changes.added) : plain;
}

/** `scores` as a trained model gives them: through `finalAct` with losses that train behind it. */
export function modelScores(
  b: Graph,
  config: StepConfig,
  hidden: Tensor,
  rows: OutputRows,
  layout: 'slots' | 'items',
  changes?: ScoreChanges,
): Tensor {
  return activate(b, scores(b, hidden, rows, layout, changes), parseActivation(finalActOf(config)));
}

function finalActOf(config: StepConfig): StepConfig['finalAct'] {
  return losses[config.loss].reads.includes('finalAct') ? config.finalAct : 'linear';
}

export function scoresAreLinear(config: StepConfig): boolean {
  return finalActOf(config) === 'linear';
}

/** Appends the embedding and every layer, and assigns the new states. @returns the last layer's output, [B, H]. */
export function hiddenState(b: StepGraph, forward: Forward): Tensor {
  const { config, slots, resetMask, statePrefix } = forward;
  const going = resetMask && b.affine(resetMask, -1, 1);
  const alive = forward.live && b.transpose(forward.live);
  const keep = going && alive ? b.multiply(going, alive) : (going ?? alive);
  const cell = cellOf(config);
  const hiddenAct = parseActivation(config.hiddenAct);
  const embedded = embed(b, forward);
  const outputs: Tensor[] = [];
  for (const [l, units] of config.layers.entries()) {
    const state = (name: string): Tensor => {
      const carried = b.variable(stateName(statePrefix, l, name), 'state', slots, units);
      return keep ? b.multiply(carried, keep) : carried;
    };
    const parameter = (name: string): Tensor => {
      const rows = cell.biases.includes(name) ? 1 : units;
      return b.variable(`layer${l}.${name}`, 'parameter', rows, units);
    };
    const below = outputs.at(-1) ?? embedded;
    const project = (weight: string): Tensor => {
      const name = `layer${l}.${weight}`;
      if (!below) return b.gather(b.variable(name, 'table', forward.itemCount, units), forward.input);
      return b.matmul(below, b.variable(name, 'parameter', below.cols, units));
    };
    const next = cell.forward(b, { project, state, parameter, hiddenAct });
    for (const [i, name] of cell.states.entries()) {
      const value = tensorAt(next, i);
      // Dropout applies only to the output, not to a cell state.
      const carried = i === 0 ? dropped(b, value, config.dropoutPHidden, 1 + l, forward.philox) : value;
      b.assign(stateName(statePrefix, l, name), carried);
      if (i === 0) outputs.push(carried);
    }
  }
  return tensorAt(outputs, config.layers.length - 1);
}

/** Width of the separate input table; 0 without one. */
export function embeddingWidth({ embedding, layers }: Pick<StepConfig, 'embedding' | 'layers'>): number {
  return embedding === 'layersize' ? (layers[0] ?? 0) : embedding;
}

/** Input rows [B, E] after embedding dropout; undefined for one-hot input, where the gates gather their rows. */
function embed(b: StepGraph, forward: Forward): Tensor | undefined {
  const { config, itemCount, input, features, clicks } = forward;
  const width = inputWidth(config);
  if (width === 0) return undefined;
  const name = inputTable(config);
  const table = b.variable(features ? ownTable(name) : name, 'table', itemCount, width);
  const own = b.gather(table, input);
  const ofItems = features ? withFeatureRows(b, name, own, features) : own;
  const rows = clicks ? withClickRows(b, ofItems, clicks) : ofItems;
  return dropped(b, rows, config.dropoutPEmbed, 0, forward.philox);
}

function inputTable({ constrainedEmbedding }: Pick<StepConfig, 'constrainedEmbedding'>): 'Wy' | 'E' {
  return constrainedEmbedding ? 'Wy' : 'E';
}

function inputWidth(config: Pick<StepConfig, 'constrainedEmbedding' | 'embedding' | 'layers'>): number {
  return config.constrainedEmbedding ? (config.layers.at(-1) ?? 0) : embeddingWidth(config);
}

export function itemTables(config: StepConfig): Readonly<Record<string, number>> {
  const input = inputWidth(config);
  return { ...(input > 0 && { [inputTable(config)]: input }), Wy: config.layers.at(-1) ?? 0, by: 1 };
}

function dropped(b: StepGraph, x: Tensor, p: number, stream: number, philox?: Tensor): Tensor {
  return philox && p > 0 ? b.multiply(x, b.dropoutMask(philox, x, p, stream)) : x;
}
