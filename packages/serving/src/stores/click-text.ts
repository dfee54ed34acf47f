import type { Click } from '../session-store.ts';

/** A click as JSON: time, item, and the event id or null. */
export type ClickFields = readonly [timeMs: number, item: string, eventId: string | null];

/** The fields of a click that a store writes. */
export function clickFields({ timeMs, item, eventId }: Click): ClickFields {
  return [timeMs, item, eventId ?? null];
}

/**
 * The click of stored fields.
 * @throws TypeError if they are none.
 */
export function clickOf([timeMs, item, eventId]: readonly unknown[]): Click {
  if (typeof timeMs !== 'number' || typeof item !== 'string') throw new TypeError('no click');
  if (eventId === null) return { item, timeMs };
  if (typeof eventId !== 'string') throw new TypeError('no click');
  return { item, timeMs, eventId };
}
