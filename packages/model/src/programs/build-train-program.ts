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
import type { LossInputs } from '../losses/loss.ts';
import { losses } from '../losses/registry.ts';
import type { StepConfig } from '../model-config.ts';
import { declareFreshness } from '../parts/freshness.ts';
import { parseActivation } from './activations.ts';
import { CLICK_TABLE, type ClickShape } from './click-features.ts';
import { composedOutputRows, declareParts, hiddenState, itemTables, outputRows, scores } from './forward.ts';
import {
  declareComposed,
  type FeatureShape,
  featureTable,
  type StepFeatures,
  stepVectors,
} from './item-features.ts';

// Dimensions: B batch, S sampled negatives, M distinct ones of them, I items, N columns of the scores, K features of an item.

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
  /** [B × K] features of the items of `input`, then −1; this and the next only with features of items, K > 0. */
  inputFeatures?: Int32Array;
  /** [N × K] features of the items that are scored: targets, then samples or all items. */
  columnFeatures?: Int32Array;
  /** [B × K] features of the clicks of `input`, −1 for none; only with features of clicks. */
  clickFeatures?: Int32Array;
  /** [B] 1 in live slots whose target counts; only where some do not. */
  counted?: Float32Array;
  /** [4] key and counter of the dropout masks; only with dropout. */
  philox?: Int32Array;
  learningRate: number;
}

export type ZeroLossInputs = Pick<TrainInputs, 'target' | 'live' | 'samples'>;

/** The sum of the live slots' losses, divided by the batch size. */
export interface LossOutputs {
  readonly loss: ScalarArray;
}

/** A training step as a program. */
export type TrainProgram = Program<TrainInputs, LossOutputs>;
type TrainBuilder = ProgramBuilder<TrainInputs, LossOutputs>;

interface Scored {
  readonly config: StepConfig;
  readonly itemCount: number;
  /** Scores of some items i32 [n, 1], or of all: [n, B]; `from` is the first one's column. */
  readonly score: (items?: Tensor, from?: number) => Tensor;
  readonly target: Tensor;
  /** [1, B] */
  readonly live: Tensor;
  /** i32 [S, 1] or [M, 1]; absent where nothing is sampled. */
  readonly samples?: Tensor | undefined;
  /** [M, 1] */
  readonly sampleWeight?: Tensor | undefined;
}

/** Variants of a training step. */
export interface TrainProgramOptions {
  readonly name?: string;
  /** M: the step is then `<name>-merged`, which takes each sampled item once with its number of draws, in less time. */
  readonly mergedSamples?: number | undefined;
  readonly features?: FeatureShape | undefined;
  /** The features of clicks, whose rows are `scale` times as large as others. */
  readonly clicks?: (ClickShape & { readonly scale: number }) | undefined;
  /** Whether some targets do not count: the program then has the input `counted`. */
  readonly countsSome?: boolean;
}

/** One training step, with the constant `logSupport` [I, 1] for logQ. */
export function buildTrainProgram(
  config: StepConfig,
  itemCount: number,
  { name = 'train', mergedSamples, features, clicks, countsSome = false }: TrainProgramOptions = {},
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
  const ofInput = features && {
    features: {
      ...featuresOf(b, features, 'inputFeatures', batchSize),
      vectors: stepVectors(b, features, itemCount, input),
    },
  };
  const ofClicks = clicks && {
    clicks: {
      ...clicks,
      indices: b.input('clickFeatures', { dtype: 'i32', rows: batchSize * clicks.perClick, cols: 1 }),
    },
  };
  const counted = countsSome ? b.input('counted', { dtype: 'f32', rows: 1, cols: batchSize }) : live;
  const forward = {
    config,
    itemCount,
    slots: batchSize,
    input,
    resetMask,
    live,
    statePrefix: '',
    ...ofClicks,
  };
  const hidden = hiddenState(b, { ...forward, ...philox, ...ofInput });
  declareParts(b, config);
  declareFreshness(b, config, itemCount);
  const rows = mergedSamples ?? Number(nSample === 'all' ? 0 : nSample);
  const ofColumns =
    features && featuresOf(b, features, 'columnFeatures', batchSize + (nSample === 'all' ? itemCount : rows));
  const score = (items?: Tensor, from = 0): Tensor => {
    const rowsOfItems =
      features && ofColumns
        ? composedOutputRows(b, config, itemCount, {
            items,
            features: {
              ...partOf(b, ofColumns, from, items?.rows ?? itemCount),
              vectors: stepVectors(b, features, itemCount, items),
            },
          })
        : outputRows(b, { config, itemCount }, items);
    return scores(b, hidden, rowsOfItems, 'items');
  };
  const samples = rows > 0 ? b.input('samples', { dtype: 'i32', rows, cols: 1 }) : undefined;
  const sampleWeight = merged ? b.input('sampleWeight', { dtype: 'f32', rows, cols: 1 }) : undefined;
  const loss = lossOf(b, { config, itemCount, score, target, live: counted, samples, sampleWeight });
  b.output('loss', loss);
  if (features) declareComposed(b, itemCount, itemTables(config));
  const optimizer = optimizerOf(config);
  const scalars = optimizer.scalars.map((name) => b.scalarInput(name));
  const gradients = b.gradients(loss);
  const capped = config.gradCap > 0 ? capGradients(b, gradients, config.gradCap) : gradients;
  for (const [name, gradient] of capped) {
    const [rate, ...others] = scalars;
    const scale = name === CLICK_TABLE ? clicks?.scale : name.startsWith(featureTable('')) && features?.scale;
    b.update(name, gradient, optimizer, scale && rate ? [b.affine(rate, scale, 0), ...others] : scalars);
  }
  return b.build();
}

type NamedFeatures = Omit<StepFeatures, 'vectors'>;

function featuresOf(
  b: TrainBuilder,
  shape: FeatureShape,
  name: 'inputFeatures' | 'columnFeatures',
  items: number,
): NamedFeatures {
  const rows = items * shape.perItem;
  return { ...shape, indices: rows > 0 ? b.input(name, { dtype: 'i32', rows, cols: 1 }) : undefined };
}

function partOf(b: Graph, features: NamedFeatures, from: number, items: number): NamedFeatures {
  const { indices, perItem } = features;
  if (!indices || items * perItem === indices.rows) return features;
  return { ...features, indices: b.slice(indices, from * perItem, (from + items) * perItem) };
}

/** The loss if every score were 0, as the program `zero-loss`; of one slot where all items are scored, as all have it. */
export function buildZeroLossProgram(
  step: StepConfig,
  itemCount: number,
): Program<ZeroLossInputs, LossOutputs> {
  const config = step.nSample === 'all' ? { ...step, batchSize: 1 } : step;
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

/** Columns are the targets, with weight 0 as they only serve to be compared with, then every item once. */
function allColumns(b: Graph, { config, itemCount, score, target, live }: Scored): LossInputs {
  const slots = target.rows;
  const ofItems = score(undefined, slots);
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
