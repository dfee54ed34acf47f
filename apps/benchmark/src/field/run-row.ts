import { existsSync, readFileSync } from 'node:fs';
import { ItemIdTable } from '@gru4rec/dataset/ids';
import { replaceFile } from '@gru4rec/durable-files';
import {
  type Evaluation,
  evaluate,
  type MetricName,
  meanIntervals,
  type SessionArrays,
} from '@gru4rec/metrics';
import {
  alignItems,
  type Gru4Rec,
  Learner,
  type ModelConfig,
  type TrainingData,
  type TrainOptions,
  train,
} from '@gru4rec/model';
import { Failure } from '../command-line.ts';
import type { Session, Stage } from './protocols.ts';
import type { FigureName, Row } from './rows.ts';

/** A mean over all predictions, or of periods over their means, and the 95 % interval by session. */
export interface Figure {
  readonly mean: number;
  readonly interval: readonly [lower: number, upper: number];
}

/** What one training gave. */
export interface Result {
  readonly config: ModelConfig;
  readonly predictions: number;
  /** Targets that were not learnt or that the user has seen: they count as misses. */
  readonly missed: number;
  readonly figures: Readonly<Partial<Record<FigureName, Figure>>>;
  readonly trainSeconds: number;
}

/** @throws Failure if the files do not give the declared number of predictions. */
export function checkPredictions(
  name: string,
  { predictions, evaluation }: Row,
  stages: readonly Stage[],
): void {
  const count = ({ predict }: Stage): number =>
    evaluation.protocol === 'last'
      ? predict.filter(({ length }) => length > 1).length
      : predict.reduce((sum, { length }) => sum + length - 1, 0);
  const found = stages.reduce((sum, stage) => sum + count(stage), 0);
  if (found === predictions) return;
  throw new Failure(
    `field: ${name} expected files of ${predictions} predictions, got ${found}. Take the published files as they are`,
  );
}

/** The result in a file, if it is one of this configuration; otherwise trains, evaluates once and writes it. */
export async function resultIn(
  file: string,
  {
    row,
    stages,
    config,
  }: { readonly row: Row; readonly stages: readonly Stage[]; readonly config: ModelConfig },
  engine: TrainOptions['engine'],
): Promise<Result> {
  if (existsSync(file)) {
    const stored: Result = JSON.parse(readFileSync(file, 'utf8'));
    if (JSON.stringify(stored.config) === JSON.stringify(config)) return stored;
  }
  const result = await trainAndPredict(row, stages, config, engine);
  await replaceFile(file, [Buffer.from(`${JSON.stringify(result, undefined, 2)}\n`)]);
  return result;
}

async function trainAndPredict(
  { evaluation: options, figures }: Row,
  stages: readonly Stage[],
  config: ModelConfig,
  engine: TrainOptions['engine'],
): Promise<Result> {
  const cutoffs = [...new Set(figures.map((name) => partsOf(name).cutoff))];
  const evaluations: Evaluation[] = [];
  let [model, trainSeconds]: [Gru4Rec | undefined, number] = [undefined, 0];
  for (const stage of stages) {
    const started = performance.now();
    model = await learn(stage, config, { engine, ...(model && { from: model }) });
    trainSeconds += (performance.now() - started) / 1000;
    const { itemIds } = model;
    const sessions = arraysOf(stage.predict, (id) => itemIds.indexOf(id));
    evaluations.push(
      evaluate(model.scorer(), sessions, { ...options, cutoffs, keepRanks: true, lists: false }),
    );
  }
  const sum = (of: (evaluation: Evaluation) => number) => evaluations.reduce((all, one) => all + of(one), 0);
  return {
    ...{ config, trainSeconds, predictions: sum((one) => one.predictions) },
    missed: sum((one) => one.excludedTargets),
    figures: Object.fromEntries(figures.map((name) => [name, figureOf(name, evaluations)])),
  };
}

/** As `train` does, and `train --continue` for what follows, with `--new-only` if each click is to be learnt once. */
async function learn(
  { learn: sessions, clicks }: Stage,
  config: ModelConfig,
  { engine, from }: Pick<TrainOptions, 'engine' | 'from'>,
): Promise<Gru4Rec> {
  const data = trainingData(sessions);
  if (!from) return train(data, config, { engine });
  if (!clicks) return train(alignItems(from.itemIds, data).data, config, { engine, from });
  const learner = new Learner(from, { engine });
  try {
    learner.learn(clicks);
    learner.flush();
    return learner.model();
  } finally {
    learner.dispose();
  }
}

/** The sessions in memory, in their order. */
export function trainingData(sessions: readonly Session[]): TrainingData & { readonly train: SessionArrays } {
  const itemIds = new ItemIdTable();
  const arrays = arraysOf(sessions, (id) => itemIds.add(id));
  const support = new Int32Array(itemIds.length);
  for (const item of arrays.items) support[item] = Number(support[item]) + 1;
  const sessionStartTimes = Float64Array.from(sessions, (_, at) => at);
  return { itemIds, support, train: { ...arrays, sessionStartTimes } };
}

function arraysOf(sessions: readonly Session[], indexOf: (id: string) => number): SessionArrays {
  const sessionOffsets = new Int32Array(sessions.length + 1);
  for (const [at, { length }] of sessions.entries())
    sessionOffsets[at + 1] = Number(sessionOffsets[at]) + length;
  const items = new Int32Array(sessionOffsets.at(-1) ?? 0);
  let at = 0;
  for (const session of sessions) for (const id of session) items[at++] = indexOf(id);
  return { sessionOffsets, items };
}

export function partsOf(name: FigureName): { readonly metric: MetricName; readonly cutoff: number } {
  const [metric, cutoff] = name.split('@');
  return { metric: metric as MetricName, cutoff: Number(cutoff) };
}

/** The unweighted mean over evaluations, which are independent: squares of the halves of their intervals add up. */
function figureOf(name: FigureName, evaluations: readonly Evaluation[]): Figure {
  const { metric, cutoff } = partsOf(name);
  const count = evaluations.length;
  const halves = evaluations.map((evaluation) => {
    const [lower, upper] = meanIntervals(evaluation, { cutoff, resamples: 1000, seed: 1 })[metric];
    return (upper - lower) / 2;
  });
  const means = evaluations.map(
    ({ results }) => results.find((one) => one.cutoff === cutoff)?.[metric] ?? Number.NaN,
  );
  const mean = means.reduce((sum, one) => sum + one, 0) / count;
  const half = Math.hypot(...halves) / count;
  return { mean, interval: [mean - half, mean + half] };
}
