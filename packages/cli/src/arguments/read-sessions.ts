import { isUtf8 } from 'node:buffer';
import { show } from '@gru4rec/checks';
import { openInput } from './read-inputs.ts';
import { idOf } from './values.ts';

export interface SessionLine {
  readonly session: string;
  readonly items: readonly string[];
  readonly line: number;
}

/** Longer lines are refused, so that they do not fill the memory. */
const MAX_LINE_BYTES = 64 << 20;
const LF = 10;

/** Reads JSON Lines `{"session": "id", "items": ["…"]}`; an id may be an integer. Blank lines and other keys are ignored. */
export async function* readSessionLines(file: string): AsyncGenerator<SessionLine> {
  let line = 0;
  for await (const bytes of readLines(file)) {
    line++;
    const at = `${file}:${line}`;
    // trim also removes a byte order mark.
    const text = decode(bytes, at).trim();
    if (text !== '') yield { ...parseSession(text, at), line };
  }
}

async function* readLines(file: string): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  let length = 0;
  try {
    const handle = await openInput(file);
    // Closes the handle at the end, or when the reader stops.
    for await (const chunk of handle.createReadStream()) {
      const bytes = chunk as Buffer;
      let start = 0;
      for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, start)) {
        yield Buffer.concat([...rest, bytes.subarray(start, end)]);
        [rest, length, start] = [[], 0, end + 1];
      }
      rest.push(bytes.subarray(start));
      length += bytes.length - start;
      if (length > MAX_LINE_BYTES) throw new Error(`a line has more than ${MAX_LINE_BYTES >> 20} MiB`);
    }
  } catch (cause) {
    throw new Error(`The sessions ${file} cannot be read`, { cause });
  }
  yield Buffer.concat(rest);
}

/** Invalid bytes would be decoded as replacement characters, which would change ids. */
function decode(bytes: Buffer, at: string): string {
  if (!isUtf8(bytes)) throw new Error(`${at}: expected UTF-8, got invalid bytes`);
  return bytes.toString('utf8');
}

function parseSession(text: string, at: string): { session: string; items: readonly string[] } {
  const { session, items } = (parseJson(text, at) ?? {}) as { session?: unknown; items?: unknown };
  const name = idOf(session);
  if (name === undefined) {
    throw new Error(`${at}: "session" expected a string or a whole number, got ${show(session)}`);
  }
  const ids = Array.isArray(items) ? items.map(idOf) : [undefined];
  if (!ids.every((id) => id !== undefined)) {
    throw new Error(`${at}: "items" expected a list of texts or whole numbers, got ${show(items)}`);
  }
  return { session: name, items: ids };
}

function parseJson(text: string, at: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${at}: expected a line of JSON`, { cause });
  }
}

const BATCH = 256;

export async function* batchesOf<Session>(sessions: AsyncIterable<Session>): AsyncGenerator<Session[]> {
  let batch: Session[] = [];
  for await (const session of sessions) {
    batch.push(session);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
