import { open } from 'node:fs/promises';
import { constants, gunzipSync } from 'node:zlib';
import { DataError } from '@gru4rec/dataset';
import type { CheckedOptions } from '../options.ts';

/** A line of the event log of `serve` that is no click: its first one, and one by which it forgets a session. */
export const NO_CLICK = '[{]"(EventLog":"gru4rec","Day|Deleted":"[0-9a-f]{64}","Time)":"[^"]*"[}]';
const FIRST_LINE = /^\{"EventLog":"gru4rec","Day":"(\d{4}-\d\d-\d\d)"\}\n/;
const HEAD_BYTES = 512;

/** The columns of an event log, whatever those of the dataset are; its visitors are cut into sessions as the dataset's users. */
export function columnsOfLog(options: CheckedOptions): CheckedOptions {
  const { userColumn, sessionColumn, eventColumn } = options;
  return {
    ...options,
    ...(userColumn === undefined
      ? { sessionColumn: 'SessionId' }
      : { userColumn: 'SessionId', sessionColumn }),
    ...{ itemColumn: 'ItemId', timeColumn: 'Time', timeUnit: 'iso', eventsField: undefined },
    ...(eventColumn !== undefined && { eventColumn: 'Type' }),
  };
}

/**
 * The last day of files of event logs; undefined if they are other files.
 * @throws DataError if some are other files.
 */
export async function lastDayOf(files: readonly string[]): Promise<string | undefined> {
  const days = await Promise.all(files.map(dayOf));
  const logged = days.filter((day) => day !== undefined);
  if (logged.length === 0) return undefined;
  const other = files[days.indexOf(undefined)];
  if (other === undefined) return logged.sort().at(-1);
  throw new DataError(
    `prepare: "input" expected only files of an event log of serve, got another one, at ${other}. Read it separately.`,
    { file: other },
  );
}

/** A day that is appended twice would count its clicks twice. */
export async function expectLater(files: readonly string[], logThrough = ''): Promise<void> {
  for (const file of files) {
    const day = await dayOf(file);
    if (day === undefined || day > logThrough) continue;
    throw new DataError(
      `append: "input" expected days of the event log after ${logThrough}, the last in the dataset, got ${day}, at ${file}.`,
      { file },
    );
  }
}

async function dayOf(file: string): Promise<string | undefined> {
  const handle = await open(file).catch(() => undefined);
  if (!handle) return undefined;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const head = buffer.subarray(0, bytesRead);
    const isPacked = head[0] === 0x1f && head[1] === 0x8b;
    const text = isPacked ? gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH }) : head;
    return FIRST_LINE.exec(text.toString())?.[1];
  } catch {
    return undefined;
  } finally {
    await handle.close();
  }
}
