import { open, readdir } from 'node:fs/promises';
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

/** Some lines of a log. */
export interface LogLines {
  /** Clicks of the lines that are clicks. */
  readonly clicks: readonly LoggedClick[];
  /** The end of the last line. */
  readonly end: LogPosition;
  /** Complete lines, without their ends. */
  readonly lines: readonly string[];
}

const CHUNK_BYTES = 1 << 20;
const NEWLINE = 0x0a;

/** The days that a log has, in order. */
export async function daysOf(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => DAY_FILE.test(name));
  return names.map((name) => name.slice(0, 10)).sort();
}

/**
 * Reads the complete lines between two places. What the log no longer has, such as files of old days, is skipped.
 *
 * @param to - a place that has been flushed; in files of earlier days, everything has.
 */
export async function* readClicks(
  directory: string,
  from: LogPosition,
  to: LogPosition,
): AsyncGenerator<LogLines> {
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
): AsyncGenerator<LogLines> {
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
      at += whole;
      length = CHUNK_BYTES;
      const lines = chunk.toString('utf8', 0, whole - 1).split('\n');
      const clicks = lines.map(clickOfLine).filter((click) => click !== undefined);
      yield { clicks, lines, end: { day, bytes: at } };
    }
  } finally {
    await handle.close();
  }
}
