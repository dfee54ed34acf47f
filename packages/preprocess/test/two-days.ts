import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@gru4rec/dataset';
import { testFolder } from '@gru4rec/test-support/folder';
import { expect } from 'vitest';
import { type AppendOptions, append, type PrepareOptions, prepare } from '../src/index.ts';
import type { LogEvent } from './oracle.ts';

/** The time of second 0 of a {@link day}, in milliseconds since 1970. */
export const start = 1_396_437_466_940;

/** Events of sessions `a`, `b`, …, whose items are letters: one event per second, starting at second `from`. */
export function day(from: number, ...sessions: string[]): LogEvent[] {
  return sessions.flatMap((items, index) =>
    [...items].map((item, at) => ({
      session: String.fromCharCode(97 + index),
      item,
      ms: start + 1000 * (from + 10 * index + at),
    })),
  );
}

export function writeLog(folder: string, name: string, events: readonly LogEvent[]): string {
  const file = join(folder, name);
  const rows = events.map(({ session, item, ms }) => `${session}\t${item}\t${ms}\n`);
  writeFileSync(file, `SessionId\tItemId\tTime\n${rows.join('')}`);
  return file;
}

/** The logs of two days, `first` and `second`, and a dataset at `output`, in the folder of a test file. */
export function useTwoDays() {
  const folder = testFolder();
  const output = join(folder, 'dataset');
  const write = (name: string, events: readonly LogEvent[]) => writeLog(folder, name, events);
  const first = write('first.tsv', day(0, 'xyz', 'xy'));
  const second = write('second.tsv', day(100, 'zw', 'vx'));

  const [usual, whole] = [join(folder, 'usual'), { inputs: [first], overwrite: true }];
  let usualMade: Promise<unknown> | undefined;

  /** Prepares the dataset from the first day; without options once, because flushing to disk takes most of the time. */
  async function made(options?: Partial<PrepareOptions>): Promise<void> {
    if (options) await prepare({ ...whole, output, ...options });
    else {
      usualMade ??= prepare({ ...whole, output: usual });
      await usualMade;
      rmSync(output, { recursive: true, force: true });
      cpSync(usual, output, { recursive: true });
    }
  }

  const appended = (file: string, options: Partial<AppendOptions> = {}) =>
    append({ inputs: [file], output, ...options });

  /** The error message of an append, with FOLDER for the folder; also checks that it changed and left nothing. */
  async function refusal(file: string, options?: Partial<AppendOptions>): Promise<string> {
    const before = readFileSync(join(output, 'dataset.json'), 'utf8');
    const error: unknown = await appended(file, options).catch((reason) => reason);
    expect(error).toBeInstanceOf(DataError);
    expect(readFileSync(join(output, 'dataset.json'), 'utf8')).toBe(before);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
    return (error as DataError).message.replaceAll(folder, 'FOLDER');
  }

  return { folder, output, first, second, write, made, appended, refusal };
}
