import { splitNumbers } from '../steps/split-numbers.ts';
import type { EventLoader } from './event-loader.ts';
import { MemoryEvents } from './memory-events.ts';

/** How the sessions and items of loaded events are named. */
export interface EventNames {
  /** By the numbers of `createSorted`. Not given: a session is named by its number, and is in the training split. */
  readonly sessionNames?: readonly string[] | undefined;
  /** Not given: an item is named by its number. */
  readonly itemNames?: readonly string[] | undefined;
  /** Sessions are users then, whose events are cut at longer pauses. */
  readonly gapMs?: number | undefined;
}

/** Cuts and names loaded events. */
export function memoryEvents(
  loader: EventLoader,
  { sessionNames, itemNames, gapMs }: EventNames,
): MemoryEvents {
  const { columns, sessions, items } = loader;
  const itemId = (item: number) => (itemNames ? (itemNames[items.value(item)] ?? '') : items.text(item));
  const named = { items: items.length, itemId };
  if (sessionNames === undefined) {
    const splits = new Uint8Array(sessions.length);
    return new MemoryEvents(columns, { ...named, splits, sessionIds: (numbers) => sessions.pack(numbers) });
  }
  const nameOf = (number: number) => sessionNames[sessions.value(number) >> 1] ?? '';
  const splitOf = (number: number) =>
    sessions.value(number) % 2 === 1 ? splitNumbers.test : splitNumbers.train;
  if (gapMs === undefined) {
    const splits = Uint8Array.from({ length: sessions.length }, (_, session) => splitOf(session));
    return new MemoryEvents(columns, {
      ...named,
      splits,
      sessionIds: (numbers) => Array.from(numbers, nameOf),
    });
  }
  const { user, place } = loader.cutByGap(gapMs);
  const sessionId = (session: number) => `${nameOf(user[session] ?? 0)}#${place[session]}`;
  const splits = Uint8Array.from(user, splitOf);
  return new MemoryEvents(columns, {
    ...named,
    splits,
    sessionIds: (numbers) => Array.from(numbers, sessionId),
  });
}
