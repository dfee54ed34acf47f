import { pickSessions, type SessionArrays } from '@gru4rec/batcher';
import type { Scorer, Scores } from '@gru4rec/metrics';
import { Scoring } from '../scoring.ts';
import type { StoredModel } from '../storage/stored-model.ts';
import { deviations, type FitOptions, scoringOf, withRecorded } from '../training/fitting.ts';
import { countRecentClicks, readWithIds } from '../training/latest-sessions.ts';
import { areOnDisk, type TrainingData } from '../training/training-data.ts';
import { collectEarlier, type EarlierItems, type EarlierPart, raisedRank, visitorClicks } from './earlier.ts';
import { SessionParts } from './session-parts.ts';

/** Chooses the part `earlier` by held-out sessions. The freshness of items is left out of the scores. */
export async function withFittedEarlier(model: StoredModel, options: FitOptions): Promise<StoredModel> {
  const { data, unseen } = options;
  if (!unseen?.sessionIds) return model;
  const earlierItems = await collectEarlier(unseen, blocksOf(data.train));
  const { config, itemIds, tensors } = model;
  const parts = SessionParts.open(config, tensors, itemIds.length);
  const scoring = { ...scoringOf(model, options), parts };
  const scorer: Scorer = {
    name: 'GRU4Rec',
    itemCount: itemIds.length,
    open: (slots) => new Scoring({ ...scoring, slots }),
  };
  const earlier = fitEarlier(scorer, unseen, earlierItems, await countRecentClicks(data));
  return earlier ? withRecorded(model, { earlier }) : model;
}

async function* blocksOf(train: TrainingData['train']): AsyncGenerator<SessionArrays> {
  if (!areOnDisk(train)) yield train;
  else for (const index of train.blocks.keys()) yield await readWithIds(train, index);
}

/** What is tried: numbers of earlier items that are fed, and weights in standard deviations of a session's scores. */
const FED = [0, 3, 10];
const WEIGHTS = [0, 1, 2, 4, 8, 16];
/** Length of the lists whose reciprocal ranks are compared. */
const LISTED = 20;
/** Held-out sessions of returning visitors: fewer choose nothing, more are not read. */
const [FEWEST, MOST] = [20, 2500];
/** Standard errors by which a choice must be better than none. */
const CERTAIN = 2;

/**
 * Chooses the part by the reciprocal ranks of clicks in held-out sessions of visitors who have earlier sessions.
 * @param popularity - [I] what orders items before the first click of a session.
 * @returns zeros if nothing is better than none by two standard errors; undefined if too few visitors return.
 */
export function fitEarlier(
  scorer: Scorer,
  heldOut: SessionArrays,
  earlierItems: EarlierItems,
  popularity: Scores,
): EarlierPart | undefined {
  const { sessionIds = [] } = heldOut;
  const returning = [...sessionIds.keys()].filter((at) => earlierItems.get(sessionIds[at])?.length);
  if (returning.length < FEWEST) return undefined;
  const sessions = pickSessions(heldOut, returning.slice(-MOST));
  const tried = FED.map((fed) => tryFeeding(scorer, sessions, earlierItems, { fed, popularity }));
  const [{ without }] = tried;
  const [best] = tried
    .map(({ part, chosen }) => ({ part, gains: chosen.map((sum, session) => sum - without[session]) }))
    .sort((a, b) => sumOf(b.gains) - sumOf(a.gains));
  const isCertain = sumOf(best.gains) > CERTAIN * Math.sqrt(sumOf(best.gains.map((gain) => gain ** 2)));
  return isCertain ? best.part : { fed: 0, first: 0, later: 0 };
}

/** The best weights for a number of items that are fed, and the reciprocal ranks [sessions] with and without weights. */
function tryFeeding(
  scorer: Scorer,
  sessions: SessionArrays,
  earlierItems: EarlierItems,
  { fed, popularity }: { readonly fed: number; readonly popularity: Scores },
): { readonly part: EarlierPart; readonly chosen: Float64Array; readonly without: Float64Array } {
  const none = () => WEIGHTS.map(() => new Float64Array(sessions.sessionOffsets.length - 1));
  const ranked = { first: none(), later: none() };
  let unit = 0;
  for (const click of visitorClicks(scorer, sessions, earlierItems, { fed, popularity })) {
    const isPopular = click.scores === popularity;
    if (!isPopular) unit ||= deviationOf(click.scores);
    for (const [at, weight] of WEIGHTS.entries()) {
      const rank = raisedRank(click, isPopular ? 0 : weight * unit);
      if (rank <= LISTED) ranked[click.isFirst ? 'first' : 'later'][at][click.session] += 1 / rank;
    }
  }
  const [first, later] = [ranked.first, ranked.later].map((perWeight) => {
    const sums = perWeight.map(sumOf);
    return sums.indexOf(Math.max(...sums));
  });
  const both = (a: number, b: number) => ranked.first[a].map((sum, at) => sum + ranked.later[b][at]);
  const part = { fed, first: WEIGHTS[first] * unit, later: WEIGHTS[later] * unit };
  return { part, chosen: both(first, later), without: both(0, 0) };
}

function deviationOf(scores: Scores): number {
  const { count, squares } = deviations([Float64Array.from(scores)]);
  return Math.sqrt(squares / count);
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
