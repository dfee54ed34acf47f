import { type SessionArrays, SessionParallelBatcher } from '@gru4rec/batcher';
import type { FloatArray } from '@gru4rec/program';
import { openScoring, type ScoringOptions } from '../scoring.ts';
import { turns } from './checkpointer.ts';

const SLOTS = 64;

/** A click that another one of its session follows. */
export interface ScoredClick {
  /** [I] scores after the click, without freshness and activation, which is monotone: it changes no order. A view. */
  readonly scores: FloatArray;
  /** The item that is clicked next. */
  readonly target: number;
  /** Places in `items` of the session's first click and of this one. */
  readonly start: number;
  readonly place: number;
  /** [historyLength] the last distinct items of the session, as of a batch. A view. */
  readonly history: Int32Array;
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
    ...{ sessionOffsets, items, order: 'stored', batchSize: slots, historyLength },
    ...(context && { context }),
  });
  const scoring = openScoring({
    ...{ ...model, slots, config: { ...config, freshness: 'none', finalAct: 'linear' } },
  });
  const places = new Int32Array(slots);
  const turn = turns();
  try {
    for (let batch = batcher.next(); batch; batch = batcher.next()) {
      const rows = scoring.step(batch.input, batch.resetMask, batch.context);
      for (const [slot, target] of batch.target.entries()) {
        if (target < 0) continue;
        const start = Number(sessionOffsets[Number(batch.session[slot])]);
        const place = batch.resetMask[slot] === 1 ? start : Number(places[slot]) + 1;
        places[slot] = place;
        const scores = rows.subarray(slot * itemCount, (slot + 1) * itemCount);
        const history = batch.history.subarray(slot * historyLength, (slot + 1) * historyLength);
        yield { scores, target, start, place, history };
      }
      await turn();
    }
  } finally {
    scoring.close();
  }
}
