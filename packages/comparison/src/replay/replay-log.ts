import { contextWidth, type SessionArrays } from '@gru4rec/batcher';
import type { ContextColumn, SessionDataset, SessionTable } from '@gru4rec/dataset';
import type { ItemIds } from '@gru4rec/dataset/ids';

/** Clicks in order of time, then of their sessions. */
export interface ReplayLog {
  /** [N] number of the session of each click, from 0. */
  readonly sessions: Int32Array;
  /** [N] item of each click, an index of `itemIds`. */
  readonly items: Int32Array;
  /** [N] milliseconds since 1970 UTC, ascending. */
  readonly timesMs: Float64Array;
  readonly itemIds: ItemIds;
  /** [items] training events of a dataset: an item without any is cold even if the model has a row for it. */
  readonly support: Int32Array | undefined;
  /** [N × C] context of each click, if the log has one, and what it means. */
  readonly context?: Int32Array | undefined;
  readonly contextColumns?: readonly ContextColumn[] | undefined;
}

/** The clicks of all splits of a dataset in order of time. */
export function logOf(dataset: SessionDataset): ReplayLog {
  const { itemIds, support, train, validation, test, contextColumns } = dataset;
  const splits = [train, validation, test].filter((split): split is SessionTable => split !== undefined);
  const count = splits.reduce((sum, { items }) => sum + items.length, 0);
  const [sessions, items] = [new Int32Array(count), new Int32Array(count)];
  const times = new Float64Array(count);
  const width = contextColumns?.length ?? 0;
  const contexts = new Int32Array(count * width);
  let [at, session] = [0, 0];
  for (const split of splits) {
    contexts.set(split.context ?? [], at * width);
    for (let row = 0; row + 1 < split.sessionOffsets.length; row++, session++) {
      for (let i = split.sessionOffsets[row] as number; i < (split.sessionOffsets[row + 1] as number); i++) {
        sessions[at] = session;
        items[at] = split.items[i] as number;
        times[at++] = Number(split.times[i]);
      }
    }
  }
  const order = Uint32Array.from({ length: count }, (_, place) => place);
  order.sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
  const sorted = <T extends Int32Array | Float64Array>(values: T): T =>
    values.map((_, place) => values[order[place] as number] as number) as T;
  const context = contexts.map((_, i) => {
    const place = order[Math.floor(i / width)] as number;
    return contexts[place * width + (i % width)] as number;
  });
  return {
    sessions: sorted(sessions),
    items: sorted(items),
    timesMs: sorted(times),
    itemIds,
    support,
    ...(contextColumns && { context, contextColumns }),
  };
}

/** Next clicks to predict, session after session: [P] session and item. */
export interface NextClicks {
  readonly session: readonly number[];
  readonly item: readonly number[];
}

/** The sessions of next clicks for one recommender, by its item indices. */
export interface KnownSessions extends SessionArrays {
  /** [events of `items`] the event's number among the next clicks; −1 for an event that is not predicted. */
  readonly nextClick: Int32Array;
}

/** A reader only moves forwards, so that no contender can know later clicks. */
export class LogReader {
  readonly log: ReplayLog;
  /** Places of the clicks of each session, and the same in order of the starts of sessions. */
  readonly #clicks: number[][] = [];
  readonly #started: number[][] = [];
  #end = 0;

  constructor(log: ReplayLog) {
    this.log = log;
  }

  get end(): number {
    return this.#end;
  }

  /** @returns the sessions of the clicks that were read, the longest first. */
  readTo(end: number): number[] {
    const touched = new Set<number>();
    for (; this.#end < end; this.#end++) {
      const session = this.log.sessions[this.#end] as number;
      touched.add(session);
      this.#clicks[session] ??= this.#started[this.#started.push([]) - 1] as number[];
      this.#clicks[session].push(this.#end);
    }
    return [...touched].sort((a, b) => Number(this.#clicks[b]?.length) - Number(this.#clicks[a]?.length));
  }

  /** The clicks of sessions from place `start` on that follow another click of their session. */
  nextClicks(sessions: readonly number[], start: number): NextClicks {
    const session: number[] = [];
    const item: number[] = [];
    for (const number of sessions) {
      for (const place of (this.#clicks[number] ?? []).slice(1)) {
        if (place < start) continue;
        session.push(number);
        item.push(this.log.items[place] as number);
      }
    }
    return { session, item };
  }

  /** Without clicks on unknown items; `sessions` and `start` as `nextClicks` got. `known`: [items of the log], −1 if unknown. */
  knownSessions(sessions: readonly number[], start: number, known: Int32Array): KnownSessions {
    const items: number[] = [];
    const offsets = [0];
    const nextClick: number[] = [];
    const places: number[] = [];
    let next = 0;
    for (const number of sessions) {
      const first = items.length;
      for (const [at, place] of (this.#clicks[number] ?? []).entries()) {
        const predicted = place >= start && at > 0 ? next++ : -1;
        const item = known[this.log.items[place] as number] as number;
        if (item < 0) continue;
        nextClick.push(items.length === first ? -1 : predicted);
        items.push(item);
        places.push(place);
      }
      if (items.length - first >= 2 && nextClick.slice(first).some((number) => number >= 0)) {
        offsets.push(items.length);
      } else {
        items.length = first;
        places.length = first;
        nextClick.length = first;
      }
    }
    const arrays = { sessionOffsets: Int32Array.from(offsets), items: Int32Array.from(items) };
    return { ...arrays, ...this.#contextOf(Int32Array.from(places)), nextClick: Int32Array.from(nextClick) };
  }

  #contextOf(places: Int32Array): Pick<SessionArrays, 'context'> {
    const { context, items } = this.log;
    if (!context) return {};
    const width = contextWidth({ items, context });
    const values = new Int32Array(places.length * width);
    for (const [at, place] of places.entries()) {
      values.set(context.subarray(place * width, (place + 1) * width), at * width);
    }
    return { context: values };
  }

  /** All sessions read so far, in order of their starts. */
  trainingData(): ReplayData {
    const { items, timesMs, itemIds, contextColumns } = this.log;
    const sessionOffsets = new Int32Array(this.#started.length + 1);
    const places = new Int32Array(this.#end);
    let end = 0;
    for (const [row, clicks] of this.#started.entries()) {
      for (const place of clicks) places[end++] = place;
      sessionOffsets[row + 1] = end;
    }
    const sessions = { sessionOffsets, items: places.map((place) => items[place] as number) };
    const support = new Int32Array(itemIds.length);
    for (const item of sessions.items) support[item] = (support[item] as number) + 1;
    const sessionStartTimes = Float64Array.from(this.#started, ([place = 0]) => timesMs[place] as number);
    return {
      itemIds,
      support,
      contextColumns,
      train: {
        ...sessions,
        ...this.#contextOf(places),
        sessionStartTimes,
        // Made when it is read: it takes longer than all the rest.
        get times() {
          return BigInt64Array.from(places, (place) => BigInt(Math.round(timesMs[place] as number)));
        },
      },
    };
  }
}

interface ReplayData {
  readonly itemIds: ItemIds;
  readonly support: Int32Array;
  readonly train: SessionArrays & { readonly sessionStartTimes: Float64Array };
  readonly contextColumns: ReplayLog['contextColumns'];
}
