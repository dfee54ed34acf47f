import { createReadStream } from 'node:fs';

/** A session as a line of a file tells it. */
export interface SessionLine {
  readonly session: string;
  readonly items: readonly string[];
  /** Counted from 1. */
  readonly line: number;
}

/**
 * Reads sessions from JSON Lines, `{"session": "id", "items": ["…"]}` each, as they are asked for. Blank lines
 * are passed over, as are other keys.
 *
 * @throws Error naming the file, and the line that is wrong.
 */
export async function* readSessionLines(file: string): AsyncGenerator<SessionLine> {
  let line = 0;
  for await (const text of readLines(file)) {
    line++;
    // trim takes a byte order mark, too.
    if (text.trim() !== '') yield { ...parseSession(text.trim(), `${file}:${line}`), line };
  }
}

async function* readLines(file: string): AsyncGenerator<string> {
  let rest = '';
  try {
    for await (const chunk of createReadStream(file, 'utf8')) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (cause) {
    throw new Error(`The sessions ${file} cannot be read`, { cause });
  }
  yield rest;
}

function parseSession(text: string, at: string): { session: string; items: readonly string[] } {
  const { session, items } = (parseJson(text, at) ?? {}) as { session?: unknown; items?: unknown };
  if (typeof session !== 'string') {
    throw new Error(`${at}: "session" expected a text, got ${JSON.stringify(session)}`);
  }
  if (!Array.isArray(items) || items.some((id) => typeof id !== 'string')) {
    throw new Error(`${at}: "items" expected a list of texts, got ${JSON.stringify(items)}`);
  }
  return { session, items };
}

function parseJson(text: string, at: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${at}: expected a line of JSON`, { cause });
  }
}
