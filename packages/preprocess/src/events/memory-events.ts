import type { ItemChunk, SourceChunk } from '@gru4rec/dataset';
import {
  type EventColumns,
  type EventLoader,
  firstRows,
  orderSessions,
  type SessionIds,
} from './event-loader.ts';
import { type EventCounts, type EventSet, splitNumbers, type TimeSpread } from './event-set.ts';

export interface EventNames {
  /** By the numbers of `createSorted`. Not given: a session is named by its number, and is in the training split. */
  readonly sessionNames?: readonly string[] | undefined;
  /** Not given: an item is named by its number. */
  readonly itemNames?: readonly string[] | undefined;
  /** Sessions are users then, whose events are cut at longer pauses. */
  readonly gapMs?: number | undefined;
}

export function memoryEvents(loader: EventLoader, names: EventNames): MemoryEvents {
  const { columns, items } = loader;
  const { itemNames } = names;
  const itemId = (item: number) => (itemNames ? (itemNames[items.value(item)] ?? '') : items.text(item));
  return new MemoryEvents(columns, { ...sessionLabels(loader, names), items: items.length, itemId });
}

function sessionLabels(
  loader: EventLoader,
  { sessionNames, gapMs }: EventNames,
): Pick<EventLabels, 'splits' | 'sessionIds'> {
  const { sessions } = loader;
  const { length } = sessions;
  if (sessionNames === undefined)
    return { splits: new Uint8Array(length), sessionIds: (numbers) => sessions.pack(numbers) };
  const nameOf = (number: number) => sessionNames[sessions.value(number) >> 1] ?? '';
  const splitOf = (number: number) =>
    sessions.value(number) % 2 === 1 ? splitNumbers.test : splitNumbers.train;
  if (gapMs === undefined) {
    const splits = Uint8Array.from({ length }, (_, session) => splitOf(session));
    return { splits, sessionIds: (numbers) => Array.from(numbers, nameOf) };
  }
  const { user, place } = loader.cutByGap(gapMs);
  const sessionId = (session: number) => `${nameOf(user[session] ?? 0)}#${place[session]}`;
  return {
    splits: Uint8Array.from(user, splitOf),
    sessionIds: (numbers) => Array.from(numbers, sessionId),
  };
}

const { train } = splitNumbers;
const SPLITS = Object.keys(splitNumbers).length;
const CHUNK_ITEMS = 65_536;

export interface EventLabels {
  /** Changed when sessions are moved. */
  readonly splits: Uint8Array;
  readonly items: number;
  readonly sessionIds: SessionIds;
  readonly itemId: (item: number) => string;
}

/** 16 bytes per event. Counts per session and item are kept up to date, so that a filter is one pass. */
export class MemoryEvents implements EventSet {
  #columns: EventColumns;
  readonly #labels: EventLabels;
  /** [sessions] */
  readonly #sessionEvents: Int32Array;
  readonly #itemEvents: readonly Int32Array[];
  /** [items], not 0 for learnt items. */
  readonly #isLearnt: Uint8Array;
  #learntSplits: readonly number[] = [];
  /** [items], -1 for items without events. */
  #itemIndex = new Int32Array(0);

  /** @param columns - in order of time; changed. */
  constructor(columns: EventColumns, labels: EventLabels) {
    this.#columns = columns;
    this.#labels = labels;
    const { sessions, items } = columns;
    this.#sessionEvents = new Int32Array(labels.splits.length);
    this.#itemEvents = Array.from({ length: SPLITS }, () => new Int32Array(labels.items));
    this.#isLearnt = new Uint8Array(labels.items);
    for (let event = 0; event < sessions.length; event++) {
      const session = sessions[event] as number;
      increment(this.#sessionEvents, session, 1);
      increment(this.#eventsOfItems(this.#labels.splits[session] as number), items[event] as number, 1);
    }
  }

  async count(split?: number): Promise<EventCounts> {
    const { splits, items: itemCount } = this.#labels;
    const counts = { events: 0, sessions: 0, items: 0 };
    for (let session = 0; session < splits.length; session++) {
      const own = this.#sessionEvents[session] as number;
      if (own === 0 || !isOf(split, splits[session])) continue;
      counts.events += own;
      counts.sessions++;
    }
    const among = this.#itemEvents.filter((_, number) => isOf(split, number));
    for (let item = 0; item < itemCount; item++) {
      if (among.some((events) => (events[item] as number) > 0)) counts.items++;
    }
    return counts;
  }

  async learnItems(names: AsyncIterable<readonly string[]>, splits: readonly number[]): Promise<void> {
    this.#learntSplits = splits;
    const { items, itemId } = this.#labels;
    const numbers = new Map(Array.from({ length: items }, (_, item) => [itemId(item), item]));
    for await (const piece of names) {
      for (const name of piece) {
        const item = numbers.get(name);
        if (item !== undefined) this.#isLearnt[item] = 1;
      }
    }
  }

  async removeRepeats(split?: number): Promise<void> {
    const { sessions, items } = this.#columns;
    const lastItem = new Int32Array(this.#labels.splits.length).fill(-1);
    const isRemoved = new Uint8Array(sessions.length);
    for (let event = 0; event < sessions.length; event++) {
      const session = sessions[event] as number;
      const item = items[event] as number;
      if (lastItem[session] === item && isOf(split, this.#labels.splits[session])) isRemoved[event] = 1;
      lastItem[session] = item;
    }
    this.#remove(undefined, isRemoved);
  }

  async keepSessions(least: number, most: number, split?: number): Promise<void> {
    const { splits } = this.#labels;
    this.#removeSessions((session) => {
      const events = this.#sessionEvents[session] as number;
      return (events < least || events > most) && isOf(split, splits[session]);
    });
  }

  async keepItems(least: number, split: number): Promise<void> {
    const events = this.#eventsOfItems(train);
    const isLearnt = (item: number) => this.#isLearnt[item] === 1 && this.#learntSplits.includes(split);
    const flags = new Uint8Array(events.length).map((_, item) =>
      Number((events[item] as number) < least && !isLearnt(item)),
    );
    this.#remove(this.#columns.items, flags, split);
  }

  async findLate(before: number): Promise<{ late: number; first: number }> {
    const starts = startTimes(this.#columns, this.#labels.splits.length).filter((start) => start < before);
    return {
      late: starts.length,
      first: starts.reduce((least, start) => Math.min(least, start), starts[0] ?? 0),
    };
  }

  async removeLate(before: number): Promise<void> {
    const starts = startTimes(this.#columns, this.#labels.splits.length);
    this.#removeSessions((session) => (starts[session] as number) < before);
  }

  async latestEnds(sessions: number): Promise<readonly number[]> {
    const ends = endTimes(this.#columns, this.#labels.splits.length).sort();
    return [...ends.subarray(-sessions)].reverse();
  }

  async removeEnded(before: number): Promise<void> {
    const ends = endTimes(this.#columns, this.#labels.splits.length);
    this.#removeSessions((session) => (ends[session] as number) < before);
  }

  async endTime(): Promise<number> {
    const { sessions, times } = this.#columns;
    return times[sessions.findLastIndex((session) => this.#isTraining(session))] ?? 0;
  }

  async moveFrom(ms: number, to: number): Promise<void> {
    const ends = endTimes(this.#columns, this.#labels.splits.length);
    this.#move(to, (session) => (ends[session] as number) >= ms);
  }

  async moveLatest(sessions: number, to: number): Promise<void> {
    if (sessions === 0) return;
    const ends = endTimes(this.#columns, this.#labels.splits.length);
    const ofTraining = ends.filter((_, session) => this.#isTraining(session)).sort();
    let tied = Math.min(sessions, ofTraining.length);
    const last = ofTraining.at(-tied) as number;
    for (let at = ofTraining.length - 1; (ofTraining[at] as number) > last; at--) tied--;
    const { sessions: column } = this.#columns;
    const isMoved = new Uint8Array(ends.length);
    // The sessions that end at that time, in order of their start.
    const ties = new Set(column.filter((session) => ends[session] === last && this.#isTraining(session)));
    for (const session of [...ties].slice(-tied)) isMoved[session] = 1;
    this.#move(to, (session) => (ends[session] as number) > last || isMoved[session] === 1);
  }

  async spread(outside: number): Promise<TimeSpread> {
    const { times } = this.#columns;
    const skipped = Math.floor(outside * times.length);
    const [first = 0, low = 0, high = 0, last = 0] = [0, skipped, -1 - skipped, -1].map((at) => times.at(at));
    return { first, low, high, last };
  }

  async numberItems(): Promise<void> {
    const { sessions, items } = this.#columns;
    this.#itemIndex = new Int32Array(this.#labels.items).fill(-1);
    let index = 0;
    for (let event = 0; event < sessions.length; event++) {
      const item = items[event] as number;
      if (this.#itemIndex[item] === -1 && this.#isTraining(sessions[event] as number))
        this.#itemIndex[item] = index++;
    }
    for (const item of items) if (this.#itemIndex[item] === -1) this.#itemIndex[item] = index++;
  }

  async *items(): AsyncGenerator<ItemChunk> {
    const ordered = new Int32Array(this.#itemIndex.length);
    let count = 0;
    for (const [item, index] of this.#itemIndex.entries()) {
      if (index === -1) continue;
      ordered[index] = item;
      count++;
    }
    const events = this.#eventsOfItems(train);
    for (let from = 0; from < count; from += CHUNK_ITEMS) {
      const part = ordered.subarray(from, Math.min(from + CHUNK_ITEMS, count));
      yield {
        itemIds: Array.from(part, this.#labels.itemId),
        support: part.map((item) => events[item] as number),
      };
    }
  }

  sessions(split: number): AsyncGenerator<SourceChunk> {
    return orderSessions(this.#columns, {
      isOfSplit: (session) => this.#labels.splits[session] === split,
      lengths: this.#sessionEvents,
      itemIndex: this.#itemIndex,
      sessionIds: this.#labels.sessionIds,
    });
  }

  #eventsOfItems(split: number): Int32Array {
    return this.#itemEvents[split] as Int32Array;
  }

  #isTraining(session: number): boolean {
    return this.#labels.splits[session] === train && (this.#sessionEvents[session] as number) > 0;
  }

  #removeSessions(isRemoved: (session: number) => boolean): void {
    const flags = this.#labels.splits.map((_, session) => Number(isRemoved(session)));
    this.#remove(this.#columns.sessions, flags);
  }

  /** @param flags - 1 removes; by the values of `keys`, which has one per event. */
  #remove(keys: Int32Array | undefined, flags: Uint8Array, split?: number): void {
    const { sessions, items, times, contexts } = this.#columns;
    const { splits } = this.#labels;
    let kept = 0;
    for (let event = 0; event < sessions.length; event++) {
      const session = sessions[event] as number;
      const item = items[event] as number;
      const ofSession = splits[session] as number;
      const isFlagged = flags[keys === undefined ? event : (keys[event] as number)] === 1;
      if (isFlagged && isOf(split, ofSession)) {
        increment(this.#sessionEvents, session, -1);
        increment(this.#eventsOfItems(ofSession), item, -1);
        continue;
      }
      sessions[kept] = session;
      items[kept] = item;
      if (contexts) contexts[kept] = contexts[event] as number;
      times[kept++] = times[event] as number;
    }
    this.#columns = firstRows(this.#columns, kept);
  }

  #move(to: number, isMoved: (session: number) => boolean): void {
    const { sessions, items } = this.#columns;
    const moved = this.#labels.splits.map((_, session) =>
      Number(this.#isTraining(session) && isMoved(session)),
    );
    for (let event = 0; event < sessions.length; event++) {
      if (moved[sessions[event] as number] === 0) continue;
      increment(this.#eventsOfItems(train), items[event] as number, -1);
      increment(this.#eventsOfItems(to), items[event] as number, 1);
    }
    for (const [session, flag] of moved.entries()) if (flag === 1) this.#labels.splits[session] = to;
  }
}

function isOf(asked: number | undefined, split: number | undefined): boolean {
  return asked === undefined || split === asked;
}

function increment(counts: Int32Array, index: number, by: number): void {
  counts[index] = (counts[index] as number) + by;
}

function startTimes({ sessions, times }: EventColumns, count: number): Float64Array {
  const starts = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  for (let event = sessions.length - 1; event >= 0; event--) {
    starts[sessions[event] as number] = times[event] as number;
  }
  return starts;
}

function endTimes({ sessions, times }: EventColumns, count: number): Float64Array {
  const ends = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  for (let event = 0; event < sessions.length; event++) {
    ends[sessions[event] as number] = times[event] as number;
  }
  return ends;
}
