import type { Engine } from '@gru4rec/program';
import { Gru4Rec } from '../../src/gru4rec.ts';
import { valuesOf } from '../../src/storage/tensors.ts';
import { engine, tinyConfig, tinyData, trainTiny } from '../tiny-data.ts';

/** Configurations with different states or scores. */
export const configurations: readonly (readonly [name: string, values: Record<string, unknown>])[] = [
  ['gru', {}],
  ['rnn', { cell: 'rnn' }],
  ['two layers of lstm', { cell: 'lstm', layers: [5, 9], constrainedEmbedding: false, embedding: 6 }],
  ['one-hot input', { constrainedEmbedding: false }],
  ['repeats and co-occurrences', { parts: ['network', 'repeats', 'co-occurrences'], repeatLength: 3 }],
  [
    'repeats of one item, two layers',
    { parts: ['network', 'repeats', 'co-occurrences'], repeatLength: 1, layers: [12, 7] },
  ],
  [
    'parts behind an activation',
    { parts: ['network', 'repeats', 'co-occurrences'], loss: 'bpr-max', finalAct: 'elu-0.5' },
  ],
  ['a final activation', { loss: 'bpr-max', finalAct: 'elu-0.5' }],
];

/** Trains a model for an epoch over 30 items. @returns a function that puts it on an engine. */
export async function trainLive(values: Record<string, unknown> = {}): Promise<(engine?: Engine) => Gru4Rec> {
  const config = tinyConfig({ nEpochs: 1, ...values });
  // What was counted predicts itself, so that co-occurrences have a weight.
  const fitted = config.parts.length > 1 && { validation: tinyData().train };
  const trained = await trainTiny(config, { ...fitted });
  const weight = valuesOf(trained.tensors, 'co-occurrences.weights');
  if (fitted && !((weight[0] ?? 0) > 0)) throw new RangeError('expected co-occurrences of some weight');
  return (on = engine) => new Gru4Rec({ ...trained, recentClicks: undefined, engine: on });
}

/** Scores of all items after a session, by the scorer that `evaluate` uses. */
export function scorerScores(model: Gru4Rec, itemIds: Iterable<string>): number[] {
  const session = model.scorer().open(1);
  let scores: number[] = [];
  for (const [i, itemId] of [...itemIds].entries()) {
    const input = Int32Array.of(model.itemIndex(itemId) ?? -1);
    scores = Array.from(session.step(input, Float32Array.of(i === 0 ? 1 : 0)));
  }
  session.close();
  return scores;
}

/** Scores of an answer in order of item index; NaN for items not in it. */
export function byIndex(
  model: Gru4Rec,
  answer: readonly { readonly id: string; readonly score: number }[],
): number[] {
  const scores = new Map(answer.map(({ id, score }) => [id, score]));
  return Array.from(model.itemIds, (itemId) => scores.get(itemId) ?? Number.NaN);
}
