import { contextWidth, type SessionArrays } from '@gru4rec/batcher';
import type { Gru4Rec } from '../gru4rec.ts';
import { NonFiniteLossError } from '../training/divergence.ts';
import type { TrainingEngine } from '../training/train-options.ts';
import { Learner, type LearnerClick } from './learner.ts';

/** The least learning rate that is tried, as a share of the model's. */
const LEAST = 1 / 8;
/** A learner goes on for longer than it is tried, and the noise of its rate grows. */
const CAUTION = 1 / 2;
/** The most clicks that are learnt at each rate, the latest ones. */
const MOST_CLICKS = 3000;

/**
 * The learning rate for a learner of a model: half of the one that learns held-out sessions best, by the loss of each pair
 * before it is learnt. Rates are doubled as long as that falls.
 */
export function fitLearnerRate(model: Gru4Rec, heldOut: SessionArrays, engine: TrainingEngine): number {
  const clicks = clicksOf(model, heldOut);
  const lossAt = (learningRate: number) => lossOf(clicks, new Learner(model, { engine, learningRate }));
  let rate = LEAST * model.config.learningRate;
  for (let loss = lossAt(rate); ; rate *= 2) {
    const next = lossAt(2 * rate);
    if (!(next < loss)) return CAUTION * rate;
    loss = next;
  }
}

function lossOf(clicks: readonly LearnerClick[], learner: Learner): number {
  try {
    learner.learn(clicks);
    learner.flush();
    const { lossSum, events } = learner.state().step.course;
    return lossSum / events;
  } catch (error) {
    if (error instanceof NonFiniteLossError) return Number.POSITIVE_INFINITY;
    throw error;
  } finally {
    learner.dispose();
  }
}

/** In order of time; without times, session after session. */
function clicksOf({ itemIds, clicks }: Gru4Rec, sessions: SessionArrays): LearnerClick[] {
  const { sessionOffsets, items, times, context } = sessions;
  const width = contextWidth(sessions);
  const all: LearnerClick[] = [];
  let session = 0;
  for (const [at, item] of items.entries()) {
    while (at >= sessionOffsets[session + 1]) session++;
    const features = clicks && context?.subarray(at * width, at * width + clicks.perClick);
    const click = { session: `${session}`, item: itemIds.at(item) as string, features };
    all.push({ ...click, timeMs: Number(times?.[at] ?? session) });
  }
  // A stable sort: clicks of the same time keep the order of their session.
  return all.sort((a, b) => a.timeMs - b.timeMs).slice(-MOST_CLICKS);
}
