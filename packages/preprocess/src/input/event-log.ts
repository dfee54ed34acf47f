import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { DataError } from '@gru4rec/dataset';
import { z } from 'zod';
import type { CheckedOptions } from '../options.ts';
import { badInput } from './bad-input.ts';
import { isGzip, readHead } from './input-file.ts';

/** The first line of an event log of `serve`, and one by which it forgets a session. */
export const NO_CLICK = '[{]"(EventLog":"gru4rec","Day|Deleted":"[0-9a-f]{64}","Time)":"[^"]*"[}]';
/** Matches a whole line. */
export const isNoClick: RegExp = new RegExp(`^${NO_CLICK}$`);
const FIRST_LINE = /^\{"EventLog":"gru4rec","Day":"(\d{4}-\d\d-\d\d)"\}\n/;
const HEAD_BYTES = 512;
const DAY_NAME = /^(\d{4}-\d\d-\d\d)\.jsonl(\.gz)?$/;

export function columnsOfLog(options: CheckedOptions): CheckedOptions {
  const { userColumn, sessionColumn, eventColumn } = options;
  return {
    ...options,
    ...(userColumn === undefined
      ? { sessionColumn: 'SessionId' }
      : { userColumn: 'SessionId', sessionColumn }),
    itemColumn: 'ItemId',
    timeColumn: 'Time',
    timeUnit: 'iso',
    eventsField: undefined,
    ...(eventColumn !== undefined && { eventColumn: 'Type' }),
  };
}

/** A file of an event log, as a manifest records it. */
export interface LoggedFile {
  readonly file: string;
  readonly day: string;
  readonly bytes: number;
}

/** By path; undefined if none is of an event log. @throws DataError if only some are. */
export async function daysOf(files: readonly string[]): Promise<ReadonlyMap<string, LoggedFile> | undefined> {
  const days = new Map<string, LoggedFile>();
  for (const file of files) {
    const day = await dayOf(file);
    if (day !== undefined) days.set(file, { file: basename(file), day, bytes: (await stat(file)).size });
  }
  if (days.size === 0) return undefined;
  const other = files.find((file) => !days.has(file));
  if (other === undefined) return days;
  throw badInput(other, 'only files of an event log of serve', 'another one', {
    advice: 'Read it separately.',
  });
}

/** What a manifest, or an entry of `appended` in it, says of the files that it read. */
export const loggedSchema: z.ZodType<{
  /** Earlier versions recorded only names. */
  readonly inputs?:
    | readonly (Pick<LoggedFile, 'file'> & { day?: string | undefined; bytes?: number | undefined })[]
    | undefined;
  readonly appended?: readonly unknown[] | undefined;
}> = z.looseObject({
  inputs: z
    .array(z.looseObject({ file: z.string(), day: z.string().optional(), bytes: z.number().optional() }))
    .optional(),
  appended: z.array(z.unknown()).optional(),
});

/** The files of event logs of a dataset. @param preparation - of its manifest. */
export function loggedFiles(preparation: unknown): LoggedFile[] {
  const { inputs = [], appended = [] } = loggedSchema.safeParse(preparation).data ?? {};
  const files = inputs.flatMap(({ file, day = DAY_NAME.exec(file)?.[1], bytes = Infinity }) =>
    day === undefined ? [] : { file, day, bytes },
  );
  return [...files, ...appended.flatMap(loggedFiles)];
}

/** @throws DataError if the dataset has a day already. */
export async function expectNewDays(files: readonly string[], preparation: unknown): Promise<void> {
  const added = loggedFiles(preparation).map(({ day }) => day);
  for (const file of files) {
    const day = await dayOf(file);
    if (day === undefined || !added.includes(day)) continue;
    throw new DataError(
      `append: "input" expected days of the event log that the dataset lacks, got ${day}, at ${file}.`,
      { file },
    );
  }
}

async function dayOf(file: string): Promise<string | undefined> {
  try {
    const head = await readHead(file, HEAD_BYTES);
    const text = isGzip(head) ? gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH }) : head;
    return FIRST_LINE.exec(text.toString())?.[1];
  } catch {
    return undefined;
  }
}
