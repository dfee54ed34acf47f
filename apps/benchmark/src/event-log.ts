import { writeFileSync } from 'node:fs';
import type { SessionsInMemory, TrainingData } from '@gru4rec/model';
import { RandomStream, shuffleInPlace } from '@gru4rec/random';
import { generateShopLog } from '@gru4rec/synthetic';

/** The log to generate. */
export interface EventLogOptions {
  readonly items: number;
  /** Number of clicks by visitors. Walks through items that no visitor clicked are added to them. */
  readonly events: number;
  /** Number of visits at the end to hold out, at least 1. Items that no earlier visit clicked are removed from them. */
  readonly heldOut: number;
}

/** Sessions of item indices. */
export type Sessions = readonly (readonly number[])[];

/** A log on which ours and a peer train, with held-out sessions. */
export interface EventLog {
  readonly items: number;
  readonly train: Sessions;
  readonly test: Sessions;
}

/** Number of items in a walk. */
const WALK = 5;
const DAYS = 30;

/**
 * Generates a seeded shop log in which every item occurs: long-tailed visits as in a shop, preceded by walks through
 * the items that no visitor clicked. Item indices are random, so popular items are all over the table.
 */
export function makeEventLog({ items, events, heldOut }: EventLogOptions): EventLog {
  const visits = visitsOf(generateShopLog({ events, items, days: DAYS, seed: 1 }));
  const [early, late] = [visits.slice(0, -heldOut), visits.slice(-heldOut)];
  const clicked = [...new Set(early.flat())];
  const numbers = Int32Array.from({ length: items }, (_, index) => index);
  shuffleInPlace(numbers, new RandomStream(1, 'benchmark.event-log'));
  const indexOf = new Map(clicked.map((id, at) => [id, numbers[at] ?? 0]));
  const known = (visit: readonly number[]): number[] => visit.flatMap((id) => indexOf.get(id) ?? []);
  const train = [...walksThrough([...numbers.subarray(clicked.length)]), ...early.map(known)];
  const test = late.map(known).filter((session) => session.length > 1);
  return { items, train, test };
}

/** Sessions of two or more clicks, in order of their first click. */
function visitsOf({ sessionIds, itemIds }: { sessionIds: Int32Array; itemIds: Int32Array }): number[][] {
  const visits = new Map<number, number[]>();
  for (let row = 0; row < itemIds.length; row++) {
    const id = sessionIds[row] ?? 0;
    const visit = visits.get(id) ?? [];
    if (visit.length === 0) visits.set(id, visit);
    visit.push(itemIds[row] ?? 0);
  }
  return [...visits.values()].filter((visit) => visit.length > 1);
}

/** Splits items into sessions of WALK items. The last is longer if only one item would remain. */
function walksThrough(items: readonly number[]): number[][] {
  const walks: number[][] = [];
  for (let at = 0; at < items.length; at += WALK) walks.push(items.slice(at, at + WALK));
  const last = walks.at(-1);
  if (last?.length === 1) {
    walks.pop();
    walks.length > 0 ? walks.at(-1)?.push(...last) : walks.push([...last, ...last]);
  }
  return walks;
}

/** Converts sessions to CSR form. */
export function toTable(sessions: Sessions): { sessionOffsets: Int32Array; items: Int32Array } {
  const sessionOffsets = new Int32Array(sessions.length + 1);
  for (const [s, session] of sessions.entries()) {
    sessionOffsets[s + 1] = (sessionOffsets[s] ?? 0) + session.length;
  }
  return { sessionOffsets, items: Int32Array.from(sessions.flat()) };
}

/** Converts a log to the input of `train`. Ids are the indices as text. */
export function trainingDataOf({
  items,
  train,
}: EventLog): TrainingData & { readonly train: SessionsInMemory } {
  const support = new Int32Array(items);
  for (const session of train) for (const item of session) support[item] = (support[item] ?? 0) + 1;
  const sessionStartTimes = Float64Array.from(train, (_, session) => session);
  const itemIds = Array.from({ length: items }, (_, index) => String(index));
  return { itemIds, support, train: { ...toTable(train), sessionStartTimes } };
}

/** Writes sessions as TSV with the header SessionId, ItemId, Time. Clicks are a second apart. */
export function writeSessions(path: string, sessions: readonly (readonly (number | string)[])[]): void {
  const lines = ['SessionId\tItemId\tTime'];
  let time = 0;
  for (const [s, session] of sessions.entries())
    for (const item of session) lines.push(`${s}\t${item}\t${time++}`);
  writeFileSync(path, `${lines.join('\n')}\n`);
}
