import { adagrad, type Program, ProgramBuilder, type Tensor } from '@gru4rec/program';
import { activate, parseActivation } from './activations.ts';
import type { Cell } from './cells/cell.ts';
import { gruResetAfter, gruResetBefore } from './cells/gru.ts';
import { bprMax } from './losses/bpr-max.ts';
import { crossEntropy } from './losses/cross-entropy.ts';
import type { LossInputs } from './losses/loss.ts';

/** What shapes a step. Names and values as in the reference; see the configuration schema. */
export interface StepConfig {
  readonly loss: 'cross-entropy' | 'bpr-max';
  readonly layers: readonly number[];
  readonly constrainedEmbedding: boolean;
  /** Width of a separate input table; 0 = one-hot input. Ignored when constrained. */
  readonly embedding: number;
  readonly gru: 'reset-before' | 'reset-after';
  readonly batchSize: number;
  readonly nSample: number;
  readonly sampleAlpha: number;
  readonly logq: number;
  readonly bpreg: number;
  readonly finalAct: string;
  readonly hiddenAct: string;
  readonly dropoutPEmbed: number;
  readonly dropoutPHidden: number;
  readonly momentum: number;
  readonly smoothing: number;
}

/** The cell of a configuration. */
export function cellOf(config: Pick<StepConfig, 'gru'>): Cell {
  return config.gru === 'reset-after' ? gruResetAfter : gruResetBefore;
}

/** Everything one forward pass needs beside the builder. */
interface Forward {
  readonly config: StepConfig;
  readonly itemCount: number;
  /** Slots of this program: the batch size when training. */
  readonly slots: number;
  readonly input: Tensor;
  readonly resetMask: Tensor;
  /** Prefix of the state variables, so that training and scoring keep their own. */
  readonly statePrefix: string;
  /** [1, B], in training: the state of a slot that has run out is 0, so that nothing can grow in it unseen. */
  readonly live?: Tensor;
  /** Philox words of this step, in training with dropout alone. */
  readonly philox?: Tensor;
}

/**
 * One training step: inputs `input`, `target` i32 [B, 1] (−1 = slot has run out), `samples` i32 [S, 1]
 * with sampling, `resetMask` [B, 1], `live` [1, B], `philox` i32 [4, 1] with dropout, `learningRate` [1, 1];
 * constant `logSupport` [I, 1] with logQ; output `loss` [1, 1].
 */
export function buildTrainStep(config: StepConfig, itemCount: number): Program {
  const { batchSize, nSample } = config;
  const b = new ProgramBuilder('train');
  const input = b.input('input', { dtype: 'i32', rows: batchSize, cols: 1 });
  const target = b.input('target', { dtype: 'i32', rows: batchSize, cols: 1 });
  const resetMask = b.input('resetMask', { dtype: 'f32', rows: batchSize, cols: 1 });
  const live = b.input('live', { dtype: 'f32', rows: 1, cols: batchSize });
  const learningRate = b.input('learningRate', { dtype: 'f32', rows: 1, cols: 1 });
  const samples = nSample > 0 ? b.input('samples', { dtype: 'i32', rows: nSample, cols: 1 }) : undefined;
  const dropout = config.dropoutPEmbed > 0 || config.dropoutPHidden > 0;
  const philox = dropout ? { philox: b.input('philox', { dtype: 'i32', rows: 4, cols: 1 }) } : {};
  const forward = { config, itemCount, slots: batchSize, input, resetMask, live, statePrefix: '', ...philox };
  const hidden = hiddenState(b, forward);
  const columns = samples ? b.concat(target, samples) : target;
  const rows = b.gather(outputTable(b, config, itemCount), columns);
  const bias = b.gather(b.variable('by', 'table', itemCount, 1), columns);
  const scores = b.add(b.matmul(rows, hidden, { transposeB: true }), bias);
  const targetWeight = b.transpose(live);
  const weight = samples ? b.concat(targetWeight, b.constant(1, nSample, 1)) : targetWeight;
  const correction = config.logq > 0 ? { correction: logQ(b, config, itemCount, target, samples) } : {};
  const loss = lossOf(b, config, { scores, weight, live, ...correction });
  b.output('loss', loss);
  const optimizer = adagrad({ momentum: config.momentum });
  for (const [name, gradient] of b.gradients(loss)) b.update(name, gradient, optimizer, learningRate);
  return b.build();
}

/**
 * Scores of all items after one more event in each slot: inputs `input` i32 [slots, 1], `resetMask`
 * [slots, 1]; output `scores` [slots, I], passed through `finalAct` for losses that train behind it.
 * States are variables named `<name>.layer<l>.h`.
 */
export function buildScoreStep(
  config: StepConfig,
  itemCount: number,
  slots: number,
  name = 'score',
): Program {
  const b = new ProgramBuilder(name);
  const input = b.input('input', { dtype: 'i32', rows: slots, cols: 1 });
  const resetMask = b.input('resetMask', { dtype: 'f32', rows: slots, cols: 1 });
  const hidden = hiddenState(b, { config, itemCount, slots, input, resetMask, statePrefix: `${name}.` });
  const bias = b.transpose(b.variable('by', 'table', itemCount, 1));
  const table = outputTable(b, config, itemCount);
  const scores = b.add(b.matmul(hidden, table, { transposeB: true }), bias);
  const final = config.loss === 'cross-entropy' ? 'linear' : config.finalAct;
  b.output('scores', activate(b, scores, parseActivation(final)));
  return b.build();
}

function outputTable(b: ProgramBuilder, config: StepConfig, itemCount: number): Tensor {
  return b.variable('Wy', 'table', itemCount, config.layers.at(-1) ?? 0);
}

/** Runs the embedding and every layer; assigns the new states. Returns the last layer's output [B, H]. */
function hiddenState(b: ProgramBuilder, forward: Forward): Tensor {
  const { config, slots, resetMask, statePrefix } = forward;
  const carried = b.affine(resetMask, -1, 1);
  const keep = forward.live ? b.multiply(carried, b.transpose(forward.live)) : carried;
  const cell = cellOf(config);
  const hiddenAct = parseActivation(config.hiddenAct);
  let x = embed(b, forward);
  for (const [l, units] of config.layers.entries()) {
    const stateName = `${statePrefix}layer${l}.h`;
    const state = b.multiply(b.variable(stateName, 'state', slots, units), keep);
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
    const output = dropped(b, next, config.dropoutPHidden, 1 + l, forward.philox);
    b.assign(stateName, output);
    x = output;
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

/** logq · log q of each column: q = support for targets, support^sampleAlpha for samples. */
function logQ(
  b: ProgramBuilder,
  config: StepConfig,
  itemCount: number,
  target: Tensor,
  samples: Tensor | undefined,
): Tensor {
  const logSupport = b.variable('logSupport', 'constant', itemCount, 1);
  const ofTargets = b.affine(b.gather(logSupport, target), config.logq, 0);
  if (!samples) return ofTargets;
  return b.concat(ofTargets, b.affine(b.gather(logSupport, samples), config.logq * config.sampleAlpha, 0));
}

function lossOf(b: ProgramBuilder, config: StepConfig, inputs: LossInputs): Tensor {
  switch (config.loss) {
    case 'cross-entropy':
      return crossEntropy(b, inputs, config);
    case 'bpr-max':
      return bprMax(b, inputs, { ...config, finalAct: parseActivation(config.finalAct) });
  }
}
