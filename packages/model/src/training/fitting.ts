import { type SessionArrays, SessionHistory, SessionParallelBatcher } from '@gru4rec/batcher';
import type { FloatArray } from '@gru4rec/program';
import { loadPrograms, Scoring, type ScoringOptions } from '../scoring.ts';
import type { StoredModel } from '../storage/stored-model.ts';
import { turns } from './checkpointer.ts';
import type { EpochRecord } from './epoch-record.ts';
import type { TrainOptions } from './train-options.ts';
import type { PreparedData } from './training-data.ts';

/** What is fitted after the epochs, and to what. */
export interface FitOptions extends Pick<TrainOptions, 'engine' | 'from'> {
  /** With the sessions of the epochs. */
  readonly data: PreparedData;
  /** Sessions that the epochs have not trained on; `few` is a sample. */
  readonly unseen: SessionArrays | undefined;
  readonly few: SessionArrays | undefined;
  /** Sessions whose last clicks the epochs have not trained on, where `unseen` is too small to fit parts to. */
  readonly ended: SessionArrays | undefined;
}

export function scoringOf(
  { config, itemIds, tensors }: StoredModel,
  { data: { clicks }, engine }: FitOptions,
): Omit<ScoringOptions, 'slots'> {
  const load: ScoringOptions['load'] = (program) => loadPrograms(engine, [program], tensors);
  return { config, itemCount: itemIds.length, clicks, load };
}

/** The number of the scores of clicks, and the sum of their squared deviations from the means of their clicks. */
export function deviations(scoresPerClick: readonly Float64Array[]): {
  readonly count: number;
  readonly squares: number;
} {
  let [count, squares] = [0, 0];
  for (const scores of scoresPerClick) {
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    for (const score of scores) squares += (score - mean) ** 2;
    count += scores.length;
  }
  return { count, squares };
}

/** A model whose last epoch records what was fitted after it. */
export function withRecorded(model: StoredModel, fitted: Partial<EpochRecord>): StoredModel {
  const last = model.history.at(-1) as EpochRecord;
  return { ...model, history: model.history.with(-1, { ...last, ...fitted }) };
}

const SLOTS = 64;

export interface ScoredClick {
  /** [I] scores after the click, without the parts of a moment and activation, which is monotone: it changes no order. A view. */
  readonly scores: FloatArray;
  readonly target: number;
  /** Places in `items` of the session's first click and of this one. */
  readonly start: number;
  readonly place: number;
  /** The last distinct items of the session, the most recent first, and how often each was clicked. Views. */
  readonly history: Int32Array;
  readonly counts: Int32Array;
}

/** Scores the clicks of held-out sessions, with the parameters that `load` gives. Each is valid until the next one. */
export async function* scoredClicks(
  { config, ...model }: Omit<ScoringOptions, 'slots'>,
  sessions: SessionArrays,
  historyLength = 0,
): AsyncGenerator<ScoredClick, void> {
  const { itemCount } = model;
  const { sessionOffsets, items, context } = sessions;
  const slots = Math.min(SLOTS, sessionOffsets.length - 1);
  const batcher = new SessionParallelBatcher({
    sessionOffsets,
    items,
    order: 'stored',
    batchSize: slots,
    context,
  });
  const scoring = new Scoring({ ...model, config, slots, linear: true });
  const places = new Int32Array(slots);
  const recent = new SessionHistory(slots, historyLength);
  const turn = turns();
  try {
    for (let batch = batcher.next(); batch; batch = batcher.next()) {
      const rows = scoring.step(batch.input, batch.resetMask, batch.context);
      recent.follow(batch.input, batch.resetMask);
      for (const [slot, target] of batch.target.entries()) {
        if (target < 0) continue;
        const start = sessionOffsets[batch.session[slot]];
        const place = batch.resetMask[slot] === 1 ? start : places[slot] + 1;
        places[slot] = place;
        const scores = rows.subarray(slot * itemCount, (slot + 1) * itemCount);
        const first = slot * historyLength;
        const end = recent.items.indexOf(-1, first);
        const last = end < 0 ? first + historyLength : Math.min(end, first + historyLength);
        const history = recent.items.subarray(first, last);
        const counts = recent.counts.subarray(first, last);
        yield { scores, target, start, place, history, counts };
      }
      await turn();
    }
  } finally {
    scoring.close();
  }
}
