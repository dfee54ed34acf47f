import {
  capGradients,
  type Graph,
  type Optimizer,
  optimizers,
  type Program,
  ProgramBuilder,
  type ScalarArray,
  type StepGraph,
  type Tensor,
} from '@gru4rec/program';
import { declareFreshness } from '../freshness.ts';
import type { LossInputs } from '../losses/loss.ts';
import { losses } from '../losses/registry.ts';
import { parseActivation } from './activations.ts';
import { hiddenState, outputRows, scores } from './forward.ts';
import { declareFittedBias, repeatsOf, trainedHistoryLength } from './repeats.ts';
import type { StepConfig } from './step-config.ts';

// Dimensions: B batch, S sampled negatives, M distinct ones of them, I items, N columns of the scores.

/** Inputs of the programs that train; besides, the scalars of the optimiser. */
export interface TrainInputs {
  /** [B] item index of each slot's event, −1 in a slot that has run out. */
  input: Int32Array;
  /** [B] item index of the event that follows. */
  target: Int32Array;
  /** [B] 1 where a session starts. */
  resetMask: Float32Array;
  /** [B] 1 in live slots. */
  live: Float32Array;
  /** [S] sampled items. In a program with merged samples [M] distinct items, padded with −1. */
  samples?: Int32Array;
  /** [M] how often each sampled item was drawn; only in a program with merged samples. */
  sampleWeight?: Float32Array;
  /** [B × K] the last distinct items of each slot's session; only with a repeat bias. */
  history?: Int32Array;
  /** [4] key and counter of the dropout masks; only with dropout. */
  philox?: Int32Array;
  learningRate: number;
}

/** Inputs of the program `zero-loss`, as in `TrainInputs`. */
export type ZeroLossInputs = Pick<TrainInputs, 'target' | 'live' | 'samples'>;

/** The sum of the live slots' losses, divided by the batch size. */
export interface LossOutputs {
  readonly loss: ScalarArray;
}

/** A training step as a program. */
export type TrainProgram = Program<TrainInputs, LossOutputs>;

/** What the loss of a step is computed from. */
interface Scored {
  readonly config: StepConfig;
  readonly itemCount: number;
  /** Scores of some items i32 [n, 1], or of all: [n, B]. */
  readonly score: (items?: Tensor) => Tensor;
  /** i32 [B, 1] */
  readonly target: Tensor;
  /** [1, B] */
  readonly live: Tensor;
  /** i32 [S, 1] or [M, 1]; absent where nothing is sampled. */
  readonly samples?: Tensor | undefined;
  /** [M, 1] */
  readonly sampleWeight?: Tensor | undefined;
}

/**
 * One training step, with the constant `logSupport` [I, 1] for logQ.
 *
 * @param mergedSamples - M. The step is then `<name>-merged`, which takes each sampled item once, with the number of times
 *   it was drawn. It computes the same in less time.
 */
export function buildTrainProgram(
  config: StepConfig,
  itemCount: number,
  mergedSamples?: number,
  name = 'train',
): TrainProgram {
  const { batchSize, nSample } = config;
  const merged = mergedSamples !== undefined;
  const b = new ProgramBuilder<TrainInputs, LossOutputs>(merged ? `${name}-merged` : name);
  const input = b.input('input', { dtype: 'i32', rows: batchSize, cols: 1 });
  const target = b.input('target', { dtype: 'i32', rows: batchSize, cols: 1 });
  const resetMask = b.input('resetMask', { dtype: 'f32', rows: batchSize, cols: 1 });
  const live = b.input('live', { dtype: 'f32', rows: 1, cols: batchSize });
  const dropout = config.dropoutPEmbed > 0 || config.dropoutPHidden > 0;
  const philox = dropout ? { philox: b.input('philox', { dtype: 'i32', rows: 4, cols: 1 }) } : {};
  const forward = { config, itemCount, slots: batchSize, input, resetMask, live, statePrefix: '', ...philox };
  const hidden = hiddenState(b, forward);
  declareFittedBias(b, config);
  declareFreshness(b, config, itemCount);
  const cols = trainedHistoryLength(config);
  const history = cols > 0 ? b.input('history', { dtype: 'i32', rows: batchSize, cols }) : undefined;
  const repeats = repeatsOf(b, config, hidden, history);
  const score = (items?: Tensor): Tensor =>
    scores(
      b,
      hidden,
      outputRows(b, { ...config, freshness: 'none' }, itemCount, items),
      'items',
      repeats && { ...repeats, items },
    );
  const rows = mergedSamples ?? Number(nSample === 'all' ? 0 : nSample);
  const samples = rows > 0 ? b.input('samples', { dtype: 'i32', rows, cols: 1 }) : undefined;
  const sampleWeight = merged ? b.input('sampleWeight', { dtype: 'f32', rows, cols: 1 }) : undefined;
  const loss = lossOf(b, { config, itemCount, score, target, live, samples, sampleWeight });
  b.output('loss', loss);
  const optimizer = optimizerOf(config);
  const scalars = optimizer.scalars.map((name) => b.scalarInput(name));
  const gradients = b.gradients(loss);
  const capped = config.gradCap > 0 ? capGradients(b, gradients, config.gradCap) : gradients;
  for (const [name, gradient] of capped) b.update(name, gradient, optimizer, scalars);
  return b.build();
}

/**
 * The loss that `train` would have if every score were 0, as the program `zero-loss`. Where all items are scored, every
 * slot has the same loss, and the program has one slot.
 */
export function buildZeroLossProgram(
  given: StepConfig,
  itemCount: number,
): Program<ZeroLossInputs, LossOutputs> {
  const config = given.nSample === 'all' ? { ...given, batchSize: 1 } : given;
  const { batchSize, nSample } = config;
  const b = new ProgramBuilder<ZeroLossInputs, LossOutputs>('zero-loss');
  const target = b.input('target', { dtype: 'i32', rows: batchSize, cols: 1 });
  const live = b.input('live', { dtype: 'f32', rows: 1, cols: batchSize });
  const rows = nSample === 'all' ? 0 : nSample;
  const samples = rows > 0 ? b.input('samples', { dtype: 'i32', rows, cols: 1 }) : undefined;
  // Not a constant of this size, which would stay in memory.
  const score = (items?: Tensor): Tensor =>
    b.broadcast(b.constant(0, 1, 1), items?.rows ?? itemCount, batchSize);
  b.output('loss', lossOf(b, { config, itemCount, score, target, live, samples }));
  return b.build();
}

/** The optimiser of a configuration. */
export function optimizerOf(config: StepConfig): Optimizer {
  return optimizers[config.optimizer].create({ ...config, weightDecay: config.lmbd });
}

function lossOf(b: StepGraph, scored: Scored): Tensor {
  const { config } = scored;
  const inputs = config.nSample === 'all' ? allColumns(b, scored) : sampledColumns(b, scored);
  const finalAct = parseActivation(config.finalAct);
  return losses[config.loss].append(b, inputs, { ...config, finalAct });
}

/** Columns are the targets, then the step's samples: all samples, or each distinct sample with its weight. */
function sampledColumns(b: StepGraph, scored: Scored): LossInputs {
  const { config, target, live, samples, sampleWeight } = scored;
  const columns = scored.score(samples ? b.concat(target, samples) : target);
  const targetWeight = b.transpose(live);
  const weight = samples
    ? b.concat(targetWeight, sampleWeight ?? b.constant(1, samples.rows, 1))
    : targetWeight;
  const correction = config.logq > 0 ? { correction: logQ(b, scored) } : {};
  return { scores: columns, weight, live, ...correction };
}

/**
 * Columns are the targets, then every item. Items count once each. Targets only serve to be compared with: their columns
 * have weight 0.
 */
function allColumns(b: Graph, { config, itemCount, score, target, live }: Scored): LossInputs {
  const slots = target.rows;
  const ofItems = score();
  const inputs = {
    scores: b.concat(score(target), ofItems),
    weight: b.concat(b.constant(0, slots, 1), b.constant(1, itemCount, 1)),
    live,
  };
  if (!losses[config.loss].masksTarget) return inputs;
  const identity = b.fromDiagonal(b.constant(1, 1, slots), slots);
  return { ...inputs, own: b.concat(identity, b.scatterRows(identity, target, itemCount)) };
}

/** logq · log q of each column: q = support for targets, support^sampleAlpha for samples. */
function logQ(b: StepGraph, { config, itemCount, target, samples }: Scored): Tensor {
  const logSupport = b.variable('logSupport', 'constant', itemCount, 1);
  const ofTargets = b.affine(b.gather(logSupport, target), config.logq, 0);
  if (!samples) return ofTargets;
  return b.concat(ofTargets, b.affine(b.gather(logSupport, samples), config.logq * config.sampleAlpha, 0));
}
