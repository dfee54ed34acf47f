import { capGradients, type Program, ProgramBuilder, type Tensor } from '@gru4rec/program';
import type { LossInputs } from '../losses/loss.ts';
import { losses } from '../losses/registry.ts';
import { parseActivation } from './activations.ts';
import { hiddenState, outputTable } from './forward.ts';
import { optimizerOf } from './optimizer.ts';
import type { StepConfig } from './step-config.ts';

/** Names of the program, without and with merged samples. */
export const TRAIN = 'train';
export const TRAIN_MERGED = 'train-merged';

/** Name of the program that computes what the loss of a step is if every score is 0. */
export const ZERO_LOSS = 'zero-loss';

/** What a step's loss is computed from. */
interface Scored {
  readonly config: StepConfig;
  readonly itemCount: number;
  /** Scores of some items i32 [n, 1], or of all, one a row: [n, B]. */
  readonly score: (items?: Tensor) => Tensor;
  /** i32 [B, 1] */
  readonly target: Tensor;
  /** [1, B] */
  readonly live: Tensor;
}

/**
 * One training step, named `train`: inputs `input`, `target` i32 [B, 1] (−1 = slot has run out), `samples` i32 [S, 1]
 * with sampling, `resetMask` [B, 1], `live` [1, B], `philox` i32 [4, 1] with dropout, the optimiser's scalars [1, 1], first `learningRate`;
 * constant `logSupport` [I, 1] with logQ; output `loss` [1, 1].
 *
 * @param mergedSamples - a number M makes the step `train-merged`, which takes each sampled item once, with how often
 *   it was drawn: `samples` i32 [M, 1] (−1: none) and `sampleWeight` [M, 1]. It computes the same in less time.
 */
export function buildTrainProgram(config: StepConfig, itemCount: number, mergedSamples?: number): Program {
  const { batchSize } = config;
  const b = new ProgramBuilder(mergedSamples === undefined ? TRAIN : TRAIN_MERGED);
  const input = b.input('input', { dtype: 'i32', rows: batchSize, cols: 1 });
  const target = b.input('target', { dtype: 'i32', rows: batchSize, cols: 1 });
  const resetMask = b.input('resetMask', { dtype: 'f32', rows: batchSize, cols: 1 });
  const live = b.input('live', { dtype: 'f32', rows: 1, cols: batchSize });
  const dropout = config.dropoutPEmbed > 0 || config.dropoutPHidden > 0;
  const philox = dropout ? { philox: b.input('philox', { dtype: 'i32', rows: 4, cols: 1 }) } : {};
  const forward = { config, itemCount, slots: batchSize, input, resetMask, live, statePrefix: '', ...philox };
  const hidden = hiddenState(b, forward);
  const score = (items?: Tensor): Tensor => scoresOf(b, { config, itemCount, hidden }, items);
  const loss = lossOf(b, { config, itemCount, score, target, live }, mergedSamples);
  b.output('loss', loss);
  const optimizer = optimizerOf(config);
  const scalars = optimizer.scalars.map((name) => b.input(name, { dtype: 'f32', rows: 1, cols: 1 }));
  const gradients = b.gradients(loss);
  const capped = config.gradCap > 0 ? capGradients(b, gradients, config.gradCap) : gradients;
  for (const [name, gradient] of capped) b.update(name, gradient, optimizer, scalars);
  return b.build();
}

/**
 * What `train` would give as its loss if every score were 0, named `zero-loss`: inputs `target`, `live` and `samples`,
 * constant `logSupport` and output `loss` as there. Where all items are scored every slot has the same loss, and there
 * is one.
 */
export function buildZeroLossProgram(given: StepConfig, itemCount: number): Program {
  const config = given.nSample === 'all' ? { ...given, batchSize: 1 } : given;
  const { batchSize } = config;
  const b = new ProgramBuilder(ZERO_LOSS);
  const target = b.input('target', { dtype: 'i32', rows: batchSize, cols: 1 });
  const live = b.input('live', { dtype: 'f32', rows: 1, cols: batchSize });
  // A product, as a constant of this size would stay in memory.
  const score = (items?: Tensor): Tensor =>
    b.matmul(b.constant(0, items?.rows ?? itemCount, 1), b.constant(0, batchSize, 1), { transposeB: true });
  b.output('loss', lossOf(b, { config, itemCount, score, target, live }));
  return b.build();
}

/** Columns are the targets, then the step's samples: all of them, or each distinct one with its weight. */
function scoresOfSamples(
  b: ProgramBuilder,
  scored: Scored,
  { count, merged }: { count: number; merged: number | undefined },
): LossInputs {
  const { config, target, live } = scored;
  const rows = merged ?? count;
  const samples = rows > 0 ? b.input('samples', { dtype: 'i32', rows, cols: 1 }) : undefined;
  const scores = scored.score(samples ? b.concat(target, samples) : target);
  const targetWeight = b.transpose(live);
  const weights = (): Tensor =>
    merged === undefined ? b.constant(1, rows, 1) : b.input('sampleWeight', { dtype: 'f32', rows, cols: 1 });
  const weight = samples ? b.concat(targetWeight, weights()) : targetWeight;
  const correction = config.logq > 0 ? { correction: logQ(b, scored, samples) } : {};
  return { scores, weight, live, ...correction };
}

/**
 * Columns are the targets, then every item. Items count once each, targets only as what is compared with: their
 * columns weigh nothing.
 */
function scoresOfAll(b: ProgramBuilder, scored: Scored): LossInputs {
  const { config, itemCount, score, target, live } = scored;
  const slots = target.rows;
  const ofItems = score();
  const scores = b.concat(score(target), ofItems);
  const weight = b.concat(b.constant(0, slots, 1), b.constant(1, itemCount, 1));
  const inputs = { scores, weight, live };
  if (!losses[config.loss].masksTarget) return inputs;
  const identity = b.fromDiagonal(b.constant(1, 1, slots), slots);
  return { ...inputs, own: b.concat(identity, b.scatterRows(identity, target, itemCount)) };
}

/** Scores of some items, or of all, one a row: [n, B]. */
function scoresOf(
  b: ProgramBuilder,
  { config, itemCount, hidden }: Pick<Scored, 'config' | 'itemCount'> & { readonly hidden: Tensor },
  items?: Tensor,
): Tensor {
  const table = outputTable(b, config, itemCount);
  const rows = items ? b.gather(table, items) : table;
  const biases = b.variable('by', 'table', itemCount, 1);
  const bias = items ? b.gather(biases, items) : biases;
  return b.add(b.matmul(rows, hidden, { transposeB: true }), bias);
}

/** logq · log q of each column: q = support for targets, support^sampleAlpha for samples. */
function logQ(b: ProgramBuilder, { config, itemCount, target }: Scored, samples: Tensor | undefined): Tensor {
  const logSupport = b.variable('logSupport', 'constant', itemCount, 1);
  const ofTargets = b.affine(b.gather(logSupport, target), config.logq, 0);
  if (!samples) return ofTargets;
  return b.concat(ofTargets, b.affine(b.gather(logSupport, samples), config.logq * config.sampleAlpha, 0));
}

function lossOf(b: ProgramBuilder, scored: Scored, mergedSamples?: number): Tensor {
  const { config } = scored;
  const inputs =
    config.nSample === 'all'
      ? scoresOfAll(b, scored)
      : scoresOfSamples(b, scored, { count: config.nSample, merged: mergedSamples });
  const finalAct = parseActivation(config.finalAct);
  return losses[config.loss].append(b, inputs, { ...config, finalAct });
}
