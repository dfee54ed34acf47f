import { existsSync, readFileSync } from 'node:fs';
import { ItemIdTable } from '@gru4rec/dataset/ids';
import { replaceFile } from '@gru4rec/durable-files';
import { type Evaluation, evaluate, figuresAt, meanIntervals } from '@gru4rec/metrics';
import {
  alignItems,
  type Gru4Rec,
  Learner,
  type LearnerState,
  type ModelConfig,
  train,
} from '@gru4rec/model';
import { mean, sum } from 'simple-statistics';
import { dataOf, toTable } from '../event-log.ts';
import type { Stage } from './protocols.ts';
import type { Row } from './rows.ts';

/** The mean of a metric, of periods the mean of theirs, with its 95 % interval by session. */
export type Figure = readonly [mean: number, lower: number, upper: number];

export interface Result {
  readonly config: ModelConfig;
  readonly predictions: number;
  /** Predictions of what was not learnt, or of what the user has seen. */
  readonly missed: number;
  readonly figures: Readonly<Record<string, Figure>>;
  readonly trainSeconds: number;
}

type Trained = Parameters<typeof train>[2] & { readonly config: ModelConfig };

/** The result that a file has of the same configuration; otherwise trains, predicts once and writes it. */
export async function resultIn(
  file: string,
  { figures: wanted, evaluation }: Row,
  { stages, config, engine }: Trained & { readonly stages: readonly Stage[] },
): Promise<Result> {
  const stored: Result | undefined = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  if (stored && JSON.stringify(stored.config) === JSON.stringify(config)) return stored;
  const cutoffs = [...new Set(wanted.map(([, cutoff]) => cutoff))];
  const evaluations: Evaluation[] = [];
  let [learnt, trainSeconds]: [Learnt | undefined, number] = [undefined, 0];
  for (const stage of stages) {
    const started = performance.now();
    learnt = await learn(stage, { config, engine }, stage.anew ? undefined : learnt);
    trainSeconds += (performance.now() - started) / 1000;
    const { model } = learnt;
    const { itemIds } = model;
    const sessions = toTable(stage.predict, (id) => itemIds.indexOf(id));
    const options = { ...evaluation, cutoffs, keepRanks: true, lists: false };
    evaluations.push(evaluate(model.scorer(), sessions, options));
  }
  const predictions = sum(evaluations.map((one) => one.predictions));
  const missed = sum(evaluations.map((one) => one.excludedTargets));
  const figures = Object.fromEntries(wanted.map((name) => [name.join('@'), figureOf(name, evaluations)]));
  const result: Result = { config, predictions, missed, figures, trainSeconds };
  await replaceFile(file, [Buffer.from(`${JSON.stringify(result, undefined, 2)}\n`)]);
  return result;
}

interface Learnt {
  readonly model: Gru4Rec;
  readonly state?: LearnerState;
}

/** As `train` does, then as `train --continue`, with `--new-only` if each click is to be learnt once. */
async function learn(
  { learn: sessions, clicks, attributes }: Stage,
  { config, engine }: Trained,
  { model: from, state }: Partial<Learnt> = {},
): Promise<Learnt> {
  const ids = new ItemIdTable();
  const table = toTable(sessions, (id) => ids.add(id));
  const data = dataOf(ids, table);
  if (attributes) {
    const itemFeatures = async () => encoded(attributes, Array.from(ids.slice()));
    const similar = config.parts.includes('co-occurrences') ? (['similar-attributes'] as const) : [];
    const parts = [...config.parts, ...similar];
    const ofItems = { ...config, ...withAttributes, parts };
    return { model: await train({ ...data, itemFeatures }, ofItems, { engine }) };
  }
  if (!from) return { model: await train(data, config, { engine }) };
  if (!clicks) return { model: await train(alignItems(from.itemIds, data).data, config, { engine, from }) };
  const learner = new Learner(from, { engine, state });
  learner.learn(clicks);
  learner.flush();
  const learnt = { model: learner.model(), state: learner.state() };
  learner.dispose();
  return learnt;
}

/** Chosen on the last clicks but one of Beauty. */
const withAttributes = { itemFeatures: ['attributes'], itemFeatureScale: 0.3, momentum: 0 };

function encoded(attributes: NonNullable<Stage['attributes']>, items: readonly string[]) {
  const ofItems = items.map((item) => attributes[item] ?? []);
  const perItem = Math.max(...ofItems.map(({ length }) => length));
  const table = new Int32Array(items.length * perItem).fill(-1);
  for (const [item, numbers] of ofItems.entries()) table.set(numbers, item * perItem);
  const count = 1 + Math.max(...ofItems.flat());
  return { vocabulary: { columns: [], mostPerItem: perItem }, count, perItem, table };
}

/** Periods count alike and are independent: the squares of the halves of their intervals add up. */
function figureOf([metric, cutoff]: Row['figures'][0], evaluations: readonly Evaluation[]): Figure {
  const [whole, halves] = [[], []] as [number[], number[]];
  for (const evaluation of evaluations) {
    whole.push(figuresAt(evaluation, cutoff)[metric] ?? Number.NaN);
    const [lower, upper] = meanIntervals(evaluation, { cutoff, resamples: 1000, seed: 1 })[metric];
    halves.push((upper - lower) / 2);
  }
  const half = Math.hypot(...halves) / whole.length;
  return [mean(whole), mean(whole) - half, mean(whole) + half];
}
