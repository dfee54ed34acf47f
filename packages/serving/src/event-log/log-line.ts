import { createHash } from 'node:crypto';
import type { Click } from '../sessions/session-store.ts';
import type { ClickEvent } from '../traffic.ts';

interface LogColumns {
  readonly SessionId: string;
  readonly ItemId: string;
  /** ISO 8601: the same unit for every click, whatever time a client gives. */
  readonly Time: string;
  /** When the click arrived (ISO 8601), if its client gave another time. */
  readonly Arrived?: string | undefined;
  readonly Type?: string | undefined;
  readonly EventId?: string | undefined;
  readonly RecommendationId?: string | undefined;
  readonly Model: string;
}

const OWN_COLUMNS: readonly string[] = [
  ...['SessionId', 'ItemId', 'Time', 'Arrived', 'Type', 'EventId', 'RecommendationId', 'Model'],
];

export function logLine({ sessionId, click, arrivedMs, recommendationId, model }: ClickEvent): string {
  const { timeMs, context = {} } = click;
  const others = Object.entries(context).filter(([name]) => !OWN_COLUMNS.includes(name));
  const isOther = arrivedMs !== undefined && arrivedMs !== timeMs;
  const line: LogColumns = {
    SessionId: sessionId,
    ItemId: click.item,
    Time: new Date(timeMs).toISOString(),
    Arrived: isOther ? new Date(arrivedMs).toISOString() : undefined,
    Type: click.type,
    EventId: click.eventId,
    RecommendationId: recommendationId,
    Model: model,
    ...Object.fromEntries(others),
  };
  return `${JSON.stringify(line)}\n`;
}

const DELETION = /^\{"Deleted":"([0-9a-f]{64})","Time":"[^"]*"\}$/;

export function deletionLine(sessionId: string, nowMs: number): string {
  return `${JSON.stringify({ Deleted: hashOf(sessionId), Time: new Date(nowMs).toISOString() })}\n`;
}

export function deletedHash(line: string): string | undefined {
  return DELETION.exec(line)?.[1];
}

export function hashOf(sessionId: string): string {
  return createHash('sha256').update(sessionId).digest('hex');
}

export interface LoggedClick extends Pick<ClickEvent, 'sessionId' | 'click'> {
  readonly arrivedMs: number;
}

type Mutable<Value> = { -readonly [Name in keyof Value]: Value[Name] };

export function clickOfLine(text: string): LoggedClick | undefined {
  try {
    const line = JSON.parse(text) as Partial<LogColumns>;
    const { SessionId: sessionId, ItemId: item, Time, Arrived, Type: type, EventId: eventId } = line;
    const timeMs = Date.parse(Time ?? '');
    if (typeof sessionId !== 'string' || typeof item !== 'string' || Number.isNaN(timeMs)) return undefined;
    const click: Mutable<Click> = { item, timeMs };
    if (typeof eventId === 'string') click.eventId = eventId;
    if (typeof type === 'string') click.type = type;
    let context: Record<string, string> | undefined;
    for (const name in line) {
      const value: unknown = line[name as keyof LogColumns];
      if (typeof value !== 'string' || OWN_COLUMNS.includes(name)) continue;
      context = Object.assign(context ?? {}, { [name]: value });
    }
    if (context) click.context = context;
    return { sessionId, click, arrivedMs: (Arrived !== undefined && Date.parse(Arrived)) || timeMs };
  } catch {
    return undefined;
  }
}
