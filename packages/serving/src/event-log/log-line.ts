import type { ClickEvent } from '../traffic.ts';

/** A line of the log, in the columns that `prepare` reads by default, and others that it ignores. */
interface LogLine {
  readonly SessionId: string;
  readonly ItemId: string;
  /** ISO 8601: the same unit for every click, whatever time a client gives. */
  readonly Time: string;
  readonly Type?: string | undefined;
  readonly EventId?: string | undefined;
  readonly RecommendationId?: string | undefined;
  readonly Model: string;
}

/** Columns of a line that no column of the context replaces. */
const OWN_COLUMNS: readonly string[] = [
  ...['SessionId', 'ItemId', 'Time', 'Type', 'EventId', 'RecommendationId', 'Model'],
];

/** The line of a click, with its line end. */
export function logLine({ sessionId, click, recommendationId, model }: ClickEvent): string {
  const { type, context = {} } = click;
  const others = Object.entries(context).filter(([name]) => !OWN_COLUMNS.includes(name));
  const line: LogLine = {
    SessionId: readable(sessionId),
    ItemId: readable(click.item),
    Time: new Date(click.timeMs).toISOString(),
    Type: type && readable(type),
    EventId: click.eventId && readable(click.eventId),
    RecommendationId: recommendationId && readable(recommendationId),
    Model: model,
    ...Object.fromEntries(others.map(([name, value]) => [readable(name), readable(value)])),
  };
  return `${JSON.stringify(line)}\n`;
}

/** Identifies a click with an `eventId`; undefined without. */
export function eventKey(sessionId: string, eventId: string | undefined): string | undefined {
  return eventId === undefined ? undefined : JSON.stringify([readable(sessionId), readable(eventId)]);
}

/** The key of a line; undefined if it has no `EventId` or is not a line of the log. */
export function keyOfLine(text: string): string | undefined {
  try {
    const { SessionId, EventId } = JSON.parse(text) as Partial<LogLine>;
    return typeof SessionId === 'string' ? eventKey(SessionId, EventId) : undefined;
  } catch {
    return undefined;
  }
}

/** A click that a log has. */
export interface LoggedClick {
  readonly session: string;
  readonly item: string;
  /** Milliseconds since 1970 UTC, as the client said. */
  readonly timeMs: number;
  readonly type?: string;
  /** Further values by column. */
  readonly context?: Readonly<Record<string, string>>;
}

/** The click of a line; undefined if it is not a line of the log. */
export function clickOfLine(text: string): LoggedClick | undefined {
  try {
    const line = JSON.parse(text) as Partial<LogLine>;
    const { SessionId: session, ItemId: item, Time, Type: type } = line;
    const timeMs = Date.parse(Time ?? '');
    if (typeof session !== 'string' || typeof item !== 'string' || Number.isNaN(timeMs)) return undefined;
    const others = Object.entries(line as Record<string, string>).filter(
      ([name, value]) => !OWN_COLUMNS.includes(name) && typeof value === 'string',
    );
    return {
      ...{ session, item, timeMs },
      ...(typeof type === 'string' && { type }),
      ...(others.length > 0 && { context: Object.fromEntries(others) }),
    };
  } catch {
    return undefined;
  }
}

/** An id as the log has it: `prepare` reads no unpaired surrogates. */
export function readable(id: string): string {
  return id.replace(/\p{Surrogate}/gu, '\uFFFD');
}
