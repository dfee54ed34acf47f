import { SessionParallelBatcher } from '@gru4rec/batcher';
import { evaluate, type Scorer, TIE_RULES } from '@gru4rec/metrics';
import { parseConfig } from '@gru4rec/model';
import {
  buildScoreProgram,
  buildTrainProgram,
  type EventInputs,
  type ScoreOutputs,
  type StepConfig,
  TrainingStep,
} from '@gru4rec/model/programs';
import { type Engine, type Program, type Runtime, runProgram } from '@gru4rec/program';
import { logSupport } from '@gru4rec/sampler';
import type { Golden, GoldenConfig, SessionTable } from '@gru4rec/test-support';

/** Loss of a step relatively, parameters by max|Δ| / max|final|, recall and MRR at any cutoff and tie rule absolutely. */
export type GoldenTolerance = Readonly<Record<'loss' | 'parameters' | 'evaluation', number>>;

export interface GoldenResult extends GoldenTolerance {
  readonly worstParameter: string;
  /** Number of steps whose number of live slots differs, plus extra or missing steps. */
  readonly wrongSteps: number;
}

const cutoffs = [1, 5, 20];

function configOf(golden: GoldenConfig): StepConfig {
  const { embedding_mode: mode, embedding = 0, dropout_seed: _, ...settings } = golden;
  const camel = (name: string) => name.replace(/_(\w)/g, (_all, letter) => letter.toUpperCase());
  return parseConfig({
    ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [camel(name), value])),
    constrainedEmbedding: mode === 'constrained',
    embedding: mode === 'separate' ? embedding : 0,
  });
}

export function runGolden(
  golden: Golden,
  train: SessionTable,
  test: SessionTable,
  engine: Engine,
): GoldenResult {
  const config = configOf(golden.config);
  const itemCount = train.itemIds.length;
  const program = buildTrainProgram(config, itemCount);
  const scoring = buildScoreProgram({ config, itemCount, slots: 1, name: 'score' });
  const runtime = engine.load([program, scoring]);
  for (const [name, tensor] of Object.entries(golden.initial)) runtime.write(name, tensor.data);
  if (config.logq > 0) runtime.write('logSupport', logSupport(train.support));
  const step = new TrainingStep(runtime, config, { dropoutSeed: golden.config.dropout_seed ?? 0, program });
  const { loss, wrongSteps } = replay(golden, config, train, step);
  const parameters = compareParameters(golden, runtime);
  const evaluation = compareEvaluation(golden, scorerOf(runtime, scoring, itemCount), test);
  runtime.dispose();
  return { loss, wrongSteps, ...parameters, evaluation };
}

function replay(
  golden: Golden,
  config: StepConfig,
  train: SessionTable,
  step: TrainingStep,
): { loss: number; wrongSteps: number } {
  const batcher = new SessionParallelBatcher({
    ...train,
    batchSize: config.batchSize,
    order: 'stored',
    minLiveSlots: config.nSample === 0 ? 2 : 1,
  });
  let steps = 0;
  let worst = 0;
  let wrongSteps = 0;
  for (let epoch = 0; epoch < golden.epochs; epoch++) {
    batcher.startEpoch(epoch);
    for (let batch = batcher.next(); batch; batch = batcher.next()) {
      const samples = golden.samples?.[steps];
      const loss = step.run(batch, samples && Int32Array.from(samples), steps, golden.config.learning_rate);
      const expected = golden.losses[steps] ?? Number.NaN;
      worst = Math.max(worst, Math.abs(loss - expected) / Math.abs(expected));
      if (Number.isNaN(loss)) worst = Number.POSITIVE_INFINITY;
      if (batch.liveSlots !== golden.liveSlots[steps]) wrongSteps++;
      steps++;
    }
  }
  return { loss: worst, wrongSteps: wrongSteps + Math.abs(steps - golden.losses.length) };
}

function compareParameters(golden: Golden, runtime: Runtime): { parameters: number; worstParameter: string } {
  let worst = { parameters: 0, worstParameter: '' };
  const trained = runtime.variables.filter(({ kind }) => kind === 'parameter' || kind === 'table');
  for (const name of new Set([...Object.keys(golden.final), ...trained.map((v) => v.name)])) {
    const expected = golden.final[name]?.data ?? new Float64Array();
    const parameters = distance(runtime.read(name), expected);
    if (parameters >= worst.parameters) worst = { parameters, worstParameter: name };
  }
  return worst;
}

/** max|Δ| / max|expected|; infinite for a NaN or another length. */
function distance(actual: ArrayLike<number>, expected: Float64Array): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  let difference = 0;
  for (const [i, value] of expected.entries()) {
    const apart = Math.abs((actual[i] as number) - value);
    if (Number.isNaN(apart)) return Number.POSITIVE_INFINITY;
    largest = Math.max(largest, Math.abs(value));
    difference = Math.max(difference, apart);
  }
  return difference === 0 ? 0 : difference / largest;
}

function scorerOf(runtime: Runtime, scoring: Program<EventInputs, ScoreOutputs>, itemCount: number): Scorer {
  const step = (input: Int32Array, resetMask: Float32Array) =>
    runProgram(runtime, scoring, { input, resetMask }).scores;
  return { name: 'golden', itemCount, open: () => ({ step, close: () => {} }) };
}

/** The largest difference in recall or MRR. Another number of predictions is an infinite one. */
function compareEvaluation(golden: Golden, scorer: Scorer, test: SessionTable): number {
  const { sessionOffsets, items } = test;
  let worst = 0;
  for (const tieRule of TIE_RULES) {
    const options = { cutoffs, tieRule, slots: 1, lists: false };
    const { predictions, results } = evaluate(scorer, { sessionOffsets, items }, options);
    if (predictions !== golden.ranks.length) return Number.POSITIVE_INFINITY;
    for (const { cutoff, recall = Number.NaN, mrr = Number.NaN } of results) {
      const recorded = golden.evaluation[tieRule][cutoff];
      worst = Math.max(worst, Math.abs(recall - (recorded?.recall ?? Number.NaN)));
      worst = Math.max(worst, Math.abs(mrr - (recorded?.mrr ?? Number.NaN)));
    }
  }
  return worst;
}
