import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { makeClick } from '../sessions/session-store.ts';
import type { ClickEvent, LoggedClick } from '../traffic.ts';
import { DAY_MS, daysOf, endsOfLog, MAX_LINE_BYTES, NEWLINE, pathOfDay } from './day-file.ts';

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
  readonly OrderId?: string | undefined;
  readonly Value?: number | undefined;
}

const OWN_COLUMNS: readonly string[] = [
  ...['SessionId', 'ItemId', 'Time', 'Arrived', 'Type', 'EventId', 'RecommendationId', 'Model'],
  ...['OrderId', 'Value'],
];

export function logLine(event: ClickEvent): string {
  const { sessionId, click, arrivedMs, recommendationId, model, orderId, value } = event;
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
    OrderId: orderId,
    Value: value,
    ...Object.fromEntries(others),
  };
  return `${JSON.stringify(line)}\n`;
}

const DELETION = /^\{"Deleted":"([0-9a-f]{64})","Time":"[^"]*"\}$/;

export function deletionLine(sessionId: string, nowMs: number): string {
  return `${JSON.stringify({ Deleted: hashOf(sessionId), Time: new Date(nowMs).toISOString() })}\n`;
}

/** Whether a line is none of a click: the first one of a file, or one that forgets a session. */
export function isNoClick(line: string): boolean {
  return line.startsWith('{"EventLog":') || deletedHash(line) !== undefined;
}

export function deletedHash(line: string): string | undefined {
  return DELETION.exec(line)?.[1];
}

export function hashOf(sessionId: string): string {
  return createHash('sha256').update(sessionId).digest('hex');
}

export function clickOfLine(text: string): LoggedClick | undefined {
  try {
    const line = JSON.parse(text) as Partial<LogColumns>;
    const { SessionId: sessionId, ItemId: item, Time, Arrived, Type: type, EventId: eventId } = line;
    const timeMs = Date.parse(Time ?? '');
    if (typeof sessionId !== 'string' || typeof item !== 'string' || Number.isNaN(timeMs)) return undefined;
    let context: Record<string, string> | undefined;
    for (const name in line) {
      const value: unknown = line[name as keyof LogColumns];
      if (typeof value !== 'string' || OWN_COLUMNS.includes(name)) continue;
      context = Object.assign(context ?? {}, { [name]: value });
    }
    const [event, kind] = [eventId, type].map((text) => (typeof text === 'string' ? text : undefined));
    const click = makeClick(item, timeMs, { eventId: event, type: kind, context });
    return { sessionId, click, arrivedMs: (Arrived !== undefined && Date.parse(Arrived)) || timeMs };
  } catch {
    return undefined;
  }
}

export interface LogPosition {
  readonly day: string;
  readonly bytes: number;
}

export type LogPlaces = ReadonlyMap<string, number>;

/** A complete line of a log, or a part of one that is too long to be a click. */
export interface LogLine {
  readonly logged: LoggedClick | undefined;
  readonly isPart?: boolean;
  readonly end: LogPosition;
}

/**
 * Reads the complete lines between two places of each file, day by day.
 * @param from - the start of files that it lacks.
 * @param to - without files that are not to be read.
 */
export async function* readClicks(
  directory: string,
  from: LogPlaces,
  to: LogPlaces,
): AsyncGenerator<readonly LogLine[]> {
  for (const day of await daysOf(directory)) {
    const end = to.get(day) ?? 0;
    let at = from.get(day) ?? 0;
    if (at >= end) continue;
    const handle = await open(pathOfDay(directory, day));
    try {
      while (at < end) {
        const chunk = Buffer.alloc(Math.min(MAX_LINE_BYTES, end - at));
        const { bytesRead } = await handle.read(chunk, 0, chunk.length, at);
        const whole = chunk.subarray(0, bytesRead).lastIndexOf(NEWLINE) + 1;
        if (whole === 0 && bytesRead < MAX_LINE_BYTES) break;
        if (whole > 0) yield linesOfChunk(chunk.subarray(0, whole), { day, bytes: at });
        else yield [{ logged: undefined, isPart: true, end: { day, bytes: at + bytesRead } }];
        at += whole || bytesRead;
      }
    } finally {
      await handle.close();
    }
  }
}

function linesOfChunk(chunk: Buffer, start: LogPosition): LogLine[] {
  const lines: LogLine[] = [];
  for (let from = 0; from < chunk.length; ) {
    const to = chunk.indexOf(NEWLINE, from);
    const text = chunk.toString('utf8', from, to);
    from = to + 1;
    lines.push({ logged: clickOfLine(text), end: { day: start.day, bytes: start.bytes + from } });
  }
  return lines;
}

/** Torn last lines, and too long ones, may come as parts, which are no clicks. */
export async function* linesFromEnd(directory: string): AsyncGenerator<readonly string[]> {
  const ends = await endsOfLog(directory).catch((cause) => {
    throw new Error(`The event log ${directory} cannot be read`, { cause });
  });
  for (const [day, size] of [...ends].reverse()) {
    const handle = await open(pathOfDay(directory, day));
    try {
      let rest: Buffer = Buffer.alloc(0);
      for (let end = size; end > 0; ) {
        const length = Math.min(MAX_LINE_BYTES, end);
        end -= length;
        const { buffer } = await handle.read(Buffer.alloc(length), 0, length, end);
        const first = end === 0 ? 0 : buffer.indexOf(NEWLINE) + 1;
        if (end === 0 || first > 0)
          yield Buffer.concat([buffer.subarray(first), rest])
            .toString()
            .split('\n');
        rest = buffer.subarray(0, first);
      }
    } finally {
      await handle.close();
    }
  }
}

/** The click that arrived first comes next, each within the day of its file. The order of each log stays. */
export async function* mergeLogs(
  logs: readonly AsyncGenerator<readonly LogLine[]>[],
): AsyncGenerator<{ readonly log: number; readonly line: LogLine }> {
  const open = logs.map((reader, log) => ({ reader, log, lines: [] as readonly LogLine[], next: 0 }));
  try {
    for (;;) {
      for (const one of [...open]) {
        if (one.next < one.lines.length) continue;
        const { value, done } = await one.reader.next();
        if (done) open.splice(open.indexOf(one), 1);
        else Object.assign(one, { lines: value, next: 0 });
      }
      if (open.length === 0) return;
      const timeOf = ({ lines, next }: (typeof open)[number]) => arrivalOf(lines[next]);
      const first = open.reduce((a, b) => (timeOf(b) < timeOf(a) ? b : a));
      yield { log: first.log, line: first.lines[first.next++] };
    }
  } finally {
    for (const reader of logs) await reader.return(undefined);
  }
}

function arrivalOf({ logged, end }: LogLine): number {
  const start = Date.parse(end.day);
  return Math.min(Math.max(logged?.arrivedMs ?? start, start), start + DAY_MS - 1);
}
