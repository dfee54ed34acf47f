import { type SessionArrays, SessionParallelBatcher } from '@gru4rec/batcher';
import type { Scorer, Scores } from '@gru4rec/metrics';

/**
 * The part `earlier` of the score, for a visitor with earlier sessions: the network is fed the last items of these before the
 * session, and the score of each of their items rises by a weight.
 */
export interface EarlierPart {
  /** How many earlier items the network is fed; 0 = none, and the first click of a session is not predicted from them. */
  readonly fed: number;
  /** The weight until the first click of the session, and after it. */
  readonly first: number;
  readonly later: number;
}

/** The most distinct items of earlier sessions that count per visitor, the last ones. */
export const MOST_EARLIER = 20;

/** `prepare` names session n of a user `user#n`. */
function visitorOf(sessionId: string): { readonly visitor: string; readonly returns: boolean } | undefined {
  const [, visitor, n] = /^(.*)#(\d+)$/s.exec(sessionId) ?? [];
  return visitor === undefined ? undefined : { visitor, returns: Number(n) > 1 };
}

/** Adds an item to distinct ones, the last clicked first; the oldest one leaves. */
export function withEarlier<Item>(items: readonly Item[], item: Item): Item[] {
  return [item, ...items.filter((other) => other !== item)].slice(0, MOST_EARLIER);
}

/** Items of earlier sessions by the id of a session, the last clicked first; none for a visitor's first session. */
export type EarlierItems = ReadonlyMap<string, readonly number[]>;

/**
 * Collects the items of earlier sessions for sessions of visitors.
 * @param before - sessions before them, in order of time.
 * @returns an entry per session with an id `user#n`; none for other sessions.
 */
export async function collectEarlier(
  sessions: SessionArrays,
  before: AsyncIterable<SessionArrays> | Iterable<SessionArrays>,
): Promise<EarlierItems> {
  const perSession = new Map<string, readonly number[]>();
  const ids = sessions.sessionIds ?? [];
  const perVisitor = new Map<string, number[]>();
  for (const id of ids) {
    const { visitor, returns } = visitorOf(id) ?? {};
    if (visitor !== undefined && returns) perVisitor.set(visitor, []);
  }
  const add = ({ sessionIds = [], sessionOffsets, items }: SessionArrays, isLast = false): void => {
    for (const [session, id] of sessionIds.entries()) {
      const { visitor } = visitorOf(id) ?? {};
      if (visitor === undefined) continue;
      let earlier = perVisitor.get(visitor);
      if (isLast) perSession.set(id, earlier ?? []);
      if (!earlier) continue;
      for (let at = sessionOffsets[session]; at < sessionOffsets[session + 1]; at++) {
        earlier = withEarlier(earlier, items[at]);
      }
      perVisitor.set(visitor, earlier);
    }
  };
  if (perVisitor.size > 0) for await (const block of before) add(block);
  add(sessions, true);
  return perSession;
}

/** A click of a visitor's session. */
export interface VisitorClick {
  /** Its place among the sessions. */
  readonly session: number;
  readonly isFirst: boolean;
  readonly target: number;
  /** Distinct, the last clicked first. */
  readonly earlier: readonly number[];
  /** [I] by which items are ranked before those of `earlier` rise; valid until the next click. */
  readonly scores: Scores;
}

/**
 * Scores the clicks of visitors' sessions, the first ones too: these by `popularity` where the network is fed nothing before.
 * @param popularity - [I]
 */
export function* visitorClicks(
  scorer: Scorer,
  sessions: SessionArrays,
  earlierItems: EarlierItems,
  { fed, popularity }: { readonly fed: number; readonly popularity: Scores },
): Generator<VisitorClick, void> {
  const { sessionIds = [], sessionOffsets, items, context = new Int32Array() } = sessions;
  const width = context.length / Math.max(1, items.length);
  const earlierOf = (session: number) => earlierItems.get(sessionIds[session] ?? '') ?? [];
  const offsets = [0];
  const clicks: number[] = [];
  const contexts: number[] = [];
  for (const session of sessionIds.keys()) {
    const [start, end] = [sessionOffsets[session], sessionOffsets[session + 1]];
    const before = earlierOf(session).slice(0, fed).reverse();
    clicks.push(...before, ...items.subarray(start, end));
    contexts.push(...new Array<number>(before.length * width).fill(-1));
    contexts.push(...context.subarray(start * width, end * width));
    offsets.push(clicks.length);
    if (before.length > 0) continue;
    yield { session, isFirst: true, target: items[start], earlier: earlierOf(session), scores: popularity };
  }
  const slots = Math.min(128, sessionIds.length);
  const scoring = scorer.open(slots);
  const places = new Int32Array(slots);
  const batcher = new SessionParallelBatcher({
    sessionOffsets: Int32Array.from(offsets),
    items: Int32Array.from(clicks),
    context: width > 0 ? Int32Array.from(contexts) : undefined,
    order: 'stored',
    batchSize: slots,
  });
  try {
    for (let batch = batcher.next(); batch; batch = batcher.next()) {
      const rows = scoring.step(batch.input, batch.resetMask, batch.context);
      for (const [slot, target] of batch.target.entries()) {
        if (target < 0) continue;
        const session = batch.session[slot];
        const earlier = earlierOf(session);
        places[slot] = batch.resetMask[slot] === 1 ? 1 : places[slot] + 1;
        const position = places[slot] - Math.min(fed, earlier.length);
        if (position < 0) continue;
        const scores = rows.subarray(slot * scorer.itemCount, (slot + 1) * scorer.itemCount);
        yield { session, isFirst: position === 0, target, earlier, scores };
      }
    }
  } finally {
    scoring.close();
  }
}

/** The rank of the clicked item, from 1, where the scores of earlier items rise by a weight. */
export function raisedRank({ scores, target, earlier }: VisitorClick, weight: number): number {
  const score = scores[target] + (earlier.includes(target) ? weight : 0);
  let rank = 1;
  for (let item = 0; item < scores.length; item++) if (scores[item] > score) rank++;
  for (const item of weight === 0 ? [] : earlier) {
    if (item !== target && scores[item] <= score && scores[item] + weight > score) rank++;
  }
  return rank;
}
