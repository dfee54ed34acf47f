import { splitNumbers } from '../steps/split-numbers.ts';
import type { EventLoader } from './event-loader.ts';
import { type EventLabels, MemoryEvents } from './memory-events.ts';

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
