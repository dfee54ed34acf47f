import { join } from 'node:path';
import { lockOutput } from '@gru4rec/durable-files';
import { endOfLog, type LogLine, type LogPosition, readClicks } from '../event-log/read-clicks.ts';
import { findPosition, MARKS, markOf, type SavedLog } from './learner-folder.ts';

/** What was in a file for this long, its server has flushed to disk: it does so every second, or before it answers. */
const SETTLED_MS = 2000;
/** More than a line has. */
const TAIL_BYTES = 1 << 16;

/** The event log of another server, which goes on writing it. */
export class OtherLog {
  readonly directory: string;
  readonly #settledMs: number;
  readonly #unlock: () => void;
  readonly #seen: { readonly atMs: number; readonly end: LogPosition }[] = [];
  #position: LogPosition;
  #marks: readonly string[];

  private constructor({ directory, position, marks }: SavedLog, settledMs: number, unlock: () => void) {
    this.directory = directory;
    this.#position = position;
    this.#marks = marks;
    this.#settledMs = settledMs;
    this.#unlock = unlock;
  }

  /**
   * @param saved - how far it was learnt; without, it is learnt from its end on.
   * @throws Error if it cannot be read, is another log than it was, or has a learner already.
   */
  static async open(
    directory: string,
    saved: SavedLog | undefined,
    settledMs: number = SETTLED_MS,
  ): Promise<OtherLog> {
    const unlock = lockLog(directory);
    try {
      const from = saved ?? { directory, ...(await lastLineOf(directory)) };
      const position = await findPosition(directory, from);
      return new OtherLog({ ...from, position }, settledMs, unlock);
    } catch (cause) {
      unlock();
      throw new Error(`The event log ${directory} cannot be learnt from`, { cause });
    }
  }

  /** How far it was learnt. */
  get saved(): SavedLog {
    return { directory: this.directory, position: this.#position, marks: this.#marks };
  }

  /** The lines that are new and flushed. Whoever learns one calls `learnt`. */
  async *read(): AsyncGenerator<readonly LogLine[]> {
    const nowMs = performance.now();
    this.#seen.push({ atMs: nowMs, end: await endOfLog(this.directory) });
    const settled = this.#seen.findLastIndex(({ atMs }) => nowMs - atMs >= this.#settledMs);
    if (settled < 0) return;
    this.#seen.splice(0, settled);
    // Its server may have removed lines (`forget`).
    this.#position = await findPosition(this.directory, this.saved);
    yield* readClicks(this.directory, this.#position, this.#seen[0].end);
  }

  learnt({ text, end }: LogLine): void {
    this.#position = end;
    this.#marks = [markOf(text), ...this.#marks.slice(0, MARKS - 1)];
  }

  /** Lets others learn from it. */
  close(): void {
    this.#unlock();
  }
}

/** Keeps a second learner from a log. A folder that this process cannot write is not locked. */
export function lockLog(directory: string): () => void {
  try {
    return lockOutput(join(directory, 'learner'), 'serve --learn');
  } catch (error) {
    if ((error as Error).cause !== undefined) return () => undefined;
    throw new Error(`The event log ${directory} has a learner already`, { cause: error });
  }
}

/** The place behind the last complete line of a log, which may be being written. */
async function lastLineOf(directory: string): Promise<Pick<SavedLog, 'position' | 'marks'>> {
  const to = await endOfLog(directory);
  const start = { ...to, bytes: Math.max(0, to.bytes - TAIL_BYTES) };
  let last: LogLine | undefined;
  for await (const lines of readClicks(directory, start, to)) last = lines.at(-1);
  return last ? { position: last.end, marks: [markOf(last.text)] } : { position: start, marks: [] };
}
