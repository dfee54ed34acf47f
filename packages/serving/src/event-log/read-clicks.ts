import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DAY_FILE } from './day-file.ts';
import { clickOfLine, type LoggedClick } from './log-line.ts';

/** A place between two lines of an event log. */
export interface LogPosition {
  /** Of the file, as `2026-05-01`; empty before the first. */
  readonly day: string;
  /** From the start of the file. */
  readonly bytes: number;
}

/** A complete line of a log. */
export interface LogLine {
  /** Without its end. */
  readonly text: string;
  /** Undefined if the line is not a click. */
  readonly click: LoggedClick | undefined;
  /** The place behind the line. */
  readonly end: LogPosition;
}

const CHUNK_BYTES = 1 << 20;
const NEWLINE = 0x0a;
const DAY_MS = 86_400_000;

/** The days that a log has, in order. */
export async function daysOf(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => DAY_FILE.test(name));
  return names.map((name) => name.slice(0, 10)).sort();
}

/**
 * Reads the complete lines between two places, some at a time. What the log no longer has, such as files of old days, is skipped.
 *
 * @param to - a place that has been flushed; in files of earlier days, everything has.
 */
export async function* readClicks(
  directory: string,
  from: LogPosition,
  to: LogPosition,
): AsyncGenerator<readonly LogLine[]> {
  const days = (await daysOf(directory)).filter((day) => day >= from.day && day <= to.day);
  for (const day of days) {
    const start = day === from.day ? from.bytes : 0;
    yield* linesOfDay(directory, day, { start, end: day === to.day ? to.bytes : Number.POSITIVE_INFINITY });
  }
}

async function* linesOfDay(
  directory: string,
  day: string,
  { start, end }: { readonly start: number; readonly end: number },
): AsyncGenerator<readonly LogLine[]> {
  const handle = await open(join(directory, `${day}.jsonl`));
  try {
    const size = Math.min(end, (await handle.stat()).size);
    // After a power cut, a log that is flushed every second may be shorter than what was read of it.
    let at = Math.min(start, size);
    let length = CHUNK_BYTES;
    while (at < size) {
      const chunk = Buffer.alloc(Math.min(length, size - at));
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, at);
      const whole = chunk.subarray(0, bytesRead).lastIndexOf(NEWLINE) + 1;
      if (whole === 0) {
        if (bytesRead === 0 || at + bytesRead >= size) return;
        length *= 2;
        continue;
      }
      length = CHUNK_BYTES;
      yield linesOfChunk(chunk.subarray(0, whole), { day, bytes: at });
      at += whole;
    }
  } finally {
    await handle.close();
  }
}

function linesOfChunk(chunk: Buffer, start: LogPosition): LogLine[] {
  const lines: LogLine[] = [];
  for (let from = 0; from < chunk.length; ) {
    const to = chunk.indexOf(NEWLINE, from);
    const text = chunk.toString('utf8', from, to);
    from = to + 1;
    lines.push({ text, click: clickOfLine(text), end: { day: start.day, bytes: start.bytes + from } });
  }
  return lines;
}

/** The end of the latest file of a log, which another process may be writing: not always the end of a line. */
export async function endOfLog(directory: string): Promise<LogPosition> {
  const day = (await daysOf(directory)).at(-1);
  if (day === undefined) return { day: '', bytes: 0 };
  return { day, bytes: (await stat(join(directory, `${day}.jsonl`))).size };
}

/**
 * Reads several logs at once: the click with the earliest time comes next, each within the day that it arrived on. The order of
 * each log stays.
 *
 * @param logs - as `readClicks` gives them. They are closed at the end.
 */
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

/** The time of a line as its client said, if that can be. */
function arrivalOf({ click, end }: LogLine): number {
  const start = Date.parse(end.day);
  return Math.min(Math.max(click?.timeMs ?? start, start), start + DAY_MS - 1);
}
