import { writeFileSync } from 'node:fs';
import type { SessionsInMemory, TrainingData } from '@gru4rec/model';
import { RandomStream, shuffleInPlace } from '@gru4rec/random';
import { generateShopLog } from '@gru4rec/synthetic';

export type Sessions = readonly (readonly number[])[];

export interface EventLog {
  readonly items: number;
  readonly train: Sessions;
  readonly test: Sessions;
}

const WALK = 5;

/**
 * A seeded shop log: long-tailed visits, after walks through the items that no visitor clicked. Popular items are all over the
 * table. `heldOut` ≥ 1 visits at the end, without new items.
 */
export function makeEventLog(size: Readonly<Record<'items' | 'events' | 'heldOut', number>>): EventLog {
  const { items, events, heldOut } = size;
  const visits = visitsOf(generateShopLog({ events, items, days: 30, seed: 1 }));
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

function visitsOf({ sessionIds, itemIds }: { sessionIds: Int32Array; itemIds: Int32Array }): number[][] {
  const visits = new Map<number, number[]>();
  for (const [row, id] of sessionIds.entries()) {
    const visit = visits.get(id) ?? [];
    visits.set(id, visit);
    visit.push(itemIds[row] ?? 0);
  }
  return [...visits.values()].filter((visit) => visit.length > 1);
}

/** Splits items into sessions of WALK items. A single last item is clicked twice. */
function walksThrough(items: readonly number[]): number[][] {
  const starts = Array.from({ length: Math.ceil(items.length / WALK) }, (_, walk) => walk * WALK);
  const walks = starts.map((at) => items.slice(at, at + WALK));
  return walks.map((walk) => (walk.length === 1 ? [...walk, ...walk] : walk));
}

/** CSR; `indexOf` is of an item. */
export function toTable<Item>(
  sessions: readonly (readonly Item[])[],
  indexOf: (item: Item) => number = Number,
): { sessionOffsets: Int32Array; items: Int32Array } {
  let end = 0;
  const sessionOffsets = Int32Array.from([0, ...sessions.map(({ length }) => (end += length))]);
  return { sessionOffsets, items: Int32Array.from(sessions.flat() as Item[], indexOf) };
}

/** The input of `train`, with counted support; `itemIds` may grow while the table is made. */
export function dataOf<Ids extends TrainingData['itemIds']>(
  itemIds: Ids,
  table: ReturnType<typeof toTable>,
): { itemIds: Ids; support: Int32Array; train: SessionsInMemory } {
  const support = new Int32Array(itemIds.length);
  for (const item of table.items) support[item] = (support[item] ?? 0) + 1;
  const sessionStartTimes = Float64Array.from(table.sessionOffsets.subarray(1).keys());
  return { itemIds, support, train: { ...table, sessionStartTimes } };
}

/** Ids are the indices as text. */
export function trainingDataOf({ items, train }: EventLog): ReturnType<typeof dataOf<string[]>> {
  const itemIds = Array.from({ length: items }, (_, index) => String(index));
  return dataOf(itemIds, toTable(train));
}

/** Writes sessions as TSV with the header SessionId, ItemId, Time. Clicks are a second apart. */
export function writeSessions(path: string, sessions: Sessions): void {
  let time = 0;
  const lines = sessions.flatMap((session, row) => session.map((item) => `${row}\t${item}\t${time++}\n`));
  writeFileSync(path, `SessionId\tItemId\tTime\n${lines.join('')}`);
}
