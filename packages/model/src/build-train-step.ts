import { capGradients, type Program, ProgramBuilder, type Tensor } from '@gru4rec/program';
import { parseActivation } from './activations.ts';
import { hiddenState, outputTable } from './forward.ts';
import { bpr } from './losses/bpr.ts';
import { bprMax } from './losses/bpr-max.ts';
import { crossEntropy } from './losses/cross-entropy.ts';
import type { LossInputs } from './losses/loss.ts';
import { top1 } from './losses/top1.ts';
import { top1Max } from './losses/top1-max.ts';
import { optimizerOf } from './optimizer.ts';
import type { StepConfig } from './step-config.ts';

/** Names of the program, without and with merged samples. */
export const TRAIN = 'train';
export const TRAIN_MERGED = 'train-merged';

/** What the scores of a step are computed from. */
interface Scored {
  readonly config: StepConfig;
  readonly itemCount: number;
  /** [B, H] */
  readonly hidden: Tensor;
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
export function buildTrainStep(config: StepConfig, itemCount: number, mergedSamples?: number): Program {
  const { batchSize } = config;
  const b = new ProgramBuilder(mergedSamples === undefined ? TRAIN : TRAIN_MERGED);
  const input = b.input('input', { dtype: 'i32', rows: batchSize, cols: 1 });
  const target = b.input('target', { dtype: 'i32', rows: batchSize, cols: 1 });
  const resetMask = b.input('resetMask', { dtype: 'f32', rows: batchSize, cols: 1 });
  const live = b.input('live', { dtype: 'f32', rows: 1, cols: batchSize });
  const dropout = config.dropoutPEmbed > 0 || config.dropoutPHidden > 0;
  const philox = dropout ? { philox: b.input('philox', { dtype: 'i32', rows: 4, cols: 1 }) } : {};
  const forward = { config, itemCount, slots: batchSize, input, resetMask, live, statePrefix: '', ...philox };
  const scored = { config, itemCount, hidden: hiddenState(b, forward), target, live };
  const inputs =
    config.nSample === 'all'
      ? scoresOfAll(b, scored)
      : scoresOfSamples(b, scored, { count: config.nSample, merged: mergedSamples });
  const loss = lossOf(b, config, inputs);
  b.output('loss', loss);
  const optimizer = optimizerOf(config);
  const scalars = optimizer.scalars.map((name) => b.input(name, { dtype: 'f32', rows: 1, cols: 1 }));
  const gradients = b.gradients(loss);
  const capped = config.gradCap > 0 ? capGradients(b, gradients, config.gradCap) : gradients;
  for (const [name, gradient] of capped) b.update(name, gradient, optimizer, scalars);
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
  const scores = scoresOf(b, scored, samples ? b.concat(target, samples) : target);
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
  const { config, itemCount, hidden, target, live } = scored;
  const slots = target.rows;
  const table = outputTable(b, config, itemCount);
  const bias = b.variable('by', 'table', itemCount, 1);
  const ofItems = b.add(b.matmul(table, hidden, { transposeB: true }), bias);
  const scores = b.concat(scoresOf(b, scored, target), ofItems);
  const weight = b.concat(b.constant(0, slots, 1), b.constant(1, itemCount, 1));
  const inputs = { scores, weight, live };
  if (config.loss !== 'bpr-max' && config.loss !== 'top1-max') return inputs;
  const identity = b.fromDiagonal(b.constant(1, 1, slots), slots);
  return { ...inputs, own: b.concat(identity, b.scatterRows(identity, target, itemCount)) };
}

/** Scores of some items, one a row: [n, B]. */
function scoresOf(b: ProgramBuilder, { config, itemCount, hidden }: Scored, items: Tensor): Tensor {
  const rows = b.gather(outputTable(b, config, itemCount), items);
  const bias = b.gather(b.variable('by', 'table', itemCount, 1), items);
  return b.add(b.matmul(rows, hidden, { transposeB: true }), bias);
}

/** logq · log q of each column: q = support for targets, support^sampleAlpha for samples. */
function logQ(b: ProgramBuilder, { config, itemCount, target }: Scored, samples: Tensor | undefined): Tensor {
  const logSupport = b.variable('logSupport', 'constant', itemCount, 1);
  const ofTargets = b.affine(b.gather(logSupport, target), config.logq, 0);
  if (!samples) return ofTargets;
  return b.concat(ofTargets, b.affine(b.gather(logSupport, samples), config.logq * config.sampleAlpha, 0));
}

function lossOf(b: ProgramBuilder, config: StepConfig, inputs: LossInputs): Tensor {
  const { batchSize } = config;
  const pairwise = { batchSize, finalAct: parseActivation(config.finalAct) };
  switch (config.loss) {
    case 'cross-entropy':
      return crossEntropy(b, inputs, config);
    case 'bpr':
      return bpr(b, inputs, pairwise);
    case 'top1':
      return top1(b, inputs, pairwise);
    case 'bpr-max':
      return bprMax(b, inputs, { ...pairwise, bpreg: config.bpreg });
    case 'top1-max':
      return top1Max(b, inputs, pairwise);
  }
}
