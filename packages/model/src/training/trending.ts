import type { SessionArrays } from '@gru4rec/batcher';
import { topItems } from '@gru4rec/metrics';
import { DecayedClicks } from '../parts/decayed-clicks.ts';
import type { TrendingClicks } from '../storage/stored-model.ts';
import { holdOut, sessionsOf } from './latest-sessions.ts';
import { areOnDisk, type TrainingData } from './training-data.ts';

const HOUR_MS = 3_600_000;
/** The longest one first, which wins a tie. */
const HALF_LIVES_MS = [672, 168, 24, 4, 1].map((hours) => hours * HOUR_MS);
/** Where none is fitted. */
export const DEFAULT_HALF_LIFE_MS: number = 24 * HOUR_MS;
/** The latest sessions, which are predicted: their share, and the most of them. */
const [SHARE, MOST] = [0.1, 100_000];
const LISTED = 20;
/** Times at which the most clicked items are listed, at equal numbers of sessions. */
const LISTS = 200;

/**
 * Counts each item once per session, with the half-life whose most clicked items have most of the first clicks of the latest
 * sessions.
 * @returns undefined for sessions without times.
 */
export async function countTrending({
  itemIds: { length },
  train,
}: Pick<TrainingData, 'itemIds' | 'train'>): Promise<TrendingClicks | undefined> {
  const halfLifeMs = await fitHalfLife(train, length);
  const counts = new DecayedClicks(halfLifeMs, new Float64Array(length));
  let lastMs = Number.NEGATIVE_INFINITY;
  await eachClick(train, (item, timeMs) => {
    counts.observe(item, timeMs);
    lastMs = Math.max(lastMs, timeMs);
  });
  return Number.isFinite(lastMs) ? { clicks: counts.at(lastMs), halfLifeMs, lastMs } : undefined;
}

async function fitHalfLife(train: TrainingData['train'], itemCount: number): Promise<number> {
  const held = await holdOut(train, Math.min(SHARE, MOST / sessionsOf(train)));
  if (!held?.sessions.times) return DEFAULT_HALF_LIFE_MS;
  const later: { readonly item: number; readonly timeMs: number; readonly isFirst: boolean }[] = [];
  await eachClick(held.sessions, (item, timeMs, isFirst) => later.push({ item, timeMs, isFirst }));
  later.sort((a, b) => a.timeMs - b.timeMs);
  const tried = HALF_LIVES_MS.map((ms) => ({
    counts: new DecayedClicks(ms, new Float64Array(itemCount)),
    list: new Int32Array() as Int32Array,
    hits: 0,
  }));
  await eachClick(held.rest, (item, timeMs) => {
    if (timeMs < later[0].timeMs) for (const { counts } of tried) counts.observe(item, timeMs);
  });
  const every = Math.ceil(held.sessions.sessionStartTimes.length / LISTS);
  let sessions = 0;
  for (const { item, timeMs, isFirst } of later) {
    const isDue = isFirst && sessions++ % every === 0;
    for (const one of tried) {
      if (isDue) one.list = topItems(one.counts.clicks, LISTED);
      if (isFirst && one.list.includes(item)) one.hits++;
      one.counts.observe(item, timeMs);
    }
  }
  return tried.reduce((best, one) => (one.hits > best.hits ? one : best)).counts.halfLifeMs;
}

/** Sessions without times have no clicks. */
async function eachClick(
  train: TrainingData['train'],
  onClick: (item: number, timeMs: number, isFirst: boolean) => void,
): Promise<void> {
  const count = ({ sessionOffsets, items, times }: SessionArrays) => {
    for (let session = 0; times && session + 1 < sessionOffsets.length; session++) {
      const start = sessionOffsets[session];
      for (let at = start; at < sessionOffsets[session + 1]; at++) {
        if (items.indexOf(items[at], start) === at) onClick(items[at], Number(times[at]), at === start);
      }
    }
  };
  if (!areOnDisk(train)) return count(train);
  for (const index of train.blocks.keys()) count(await train.read(index));
}
