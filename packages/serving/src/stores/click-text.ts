import type { Click } from '../session-store.ts';

/** What is known of a click besides. */
type ClickAbout = Pick<Click, 'type' | 'context'>;

/** A click as JSON: time, item, what is known besides if anything is, and the event id or null. */
export type ClickFields =
  | readonly [timeMs: number, item: string, eventId: string | null]
  | readonly [timeMs: number, item: string, about: ClickAbout, eventId: string | null];

/** The fields of a click that a store writes. */
export function clickFields({ timeMs, item, eventId, type, context }: Click): ClickFields {
  if (type === undefined && context === undefined) return [timeMs, item, eventId ?? null];
  const about = { ...(type !== undefined && { type }), ...(context && { context }) };
  return [timeMs, item, about, eventId ?? null];
}

/**
 * The click of stored fields.
 * @throws TypeError if they are none.
 */
export function clickOf([timeMs, item, ...rest]: readonly unknown[]): Click {
  const eventId = rest.at(-1);
  if (typeof timeMs !== 'number' || typeof item !== 'string') throw new TypeError('no click');
  if (eventId !== null && typeof eventId !== 'string') throw new TypeError('no click');
  const click = { item, timeMs, ...(eventId !== null && { eventId }) };
  return rest.length < 2 ? click : { ...click, ...aboutOf(rest[0]) };
}

function aboutOf(value: unknown): ClickAbout {
  const { type, context } = (value ?? {}) as Record<string, unknown>;
  if (type !== undefined && typeof type !== 'string') throw new TypeError('no click');
  if (context === undefined) return type === undefined ? {} : { type };
  if (typeof context !== 'object' || context === null) throw new TypeError('no click');
  if (Object.values(context).some((one) => typeof one !== 'string')) throw new TypeError('no click');
  return { ...(type !== undefined && { type }), context: context as Record<string, string> };
}
