import { join } from 'node:path';
import { lockOutput } from '@gru4rec/durable-files';
import { endsOfLog, lineEnd, pathOfDay } from '../event-log/day-file.ts';
import { type LogLine, type LogPlaces, readClicks } from '../event-log/log-lines.ts';
import { advance, placeIn, placesBehind, placesOf, type SavedLog } from './learner-folder.ts';
import type { LearnData } from './learner-messages.ts';

/** What was in a file for this long, its server has flushed to disk: it does so every second, or before it answers. */
const SETTLED_MS = 2000;

/** The event log of another server, which goes on writing it. */
export class OtherLog {
  readonly directory: string;
  readonly #settledMs: number;
  readonly #seen: { readonly atMs: number; readonly ends: LogPlaces }[] = [];
  readonly #learnt: Map<string, number>;

  private constructor(directory: string, learnt: Map<string, number>, settledMs: number) {
    this.directory = directory;
    this.#learnt = learnt;
    this.#settledMs = settledMs;
  }

  /** @param saved - how far it was learnt; without, it is learnt from behind the day `through` on, or from its end. */
  static async open(
    directory: string,
    saved: SavedLog | undefined,
    through: string | undefined,
    settledMs: number = SETTLED_MS,
  ): Promise<OtherLog> {
    try {
      const learnt = saved ? await placesOf(directory, saved) : await lineEndsOf(directory, through);
      return new OtherLog(directory, learnt, settledMs);
    } catch (cause) {
      throw new Error(`The event log ${directory} cannot be learnt from`, { cause });
    }
  }

  get learnt(): LogPlaces {
    return this.#learnt;
  }

  async saved(): Promise<SavedLog> {
    return { directory: this.directory, ...(await placeIn(this.directory, this.#learnt)) };
  }

  /** The lines that are new and flushed. Whoever learns one calls `advance`. */
  async *read(): AsyncGenerator<readonly LogLine[]> {
    const nowMs = performance.now();
    this.#seen.push({ atMs: nowMs, ends: await endsOfLog(this.directory) });
    const settled = this.#seen.findLastIndex(({ atMs }) => nowMs - atMs >= this.#settledMs);
    if (settled < 0) return;
    this.#seen.splice(0, settled);
    yield* readClicks(this.directory, this.#learnt, this.#seen[0].ends);
  }

  advance({ end }: LogLine): void {
    advance(this.#learnt, end);
  }
}

/** Keeps a second learner from a folder and logs. */
export function lockAll({ output, events, others = [] }: LearnData): () => void {
  const held: (() => void)[] = [];
  const unlock = () => {
    for (const release of held.splice(0)) release();
  };
  try {
    held.push(lockOutput(output, 'serve --learn'));
    for (const log of [events, ...others]) held.push(lockLog(log));
    return unlock;
  } catch (error) {
    unlock();
    throw error;
  }
}

function lockLog(directory: string): () => void {
  try {
    return lockOutput(join(directory, 'learner'), 'serve --learn');
  } catch (error) {
    if ((error as Error).cause !== undefined) return () => undefined;
    throw new Error(`The event log ${directory} has a learner already`, { cause: error });
  }
}

/** The ends of the last complete lines of a log, which may be being written. */
async function lineEndsOf(directory: string, through: string | undefined): Promise<Map<string, number>> {
  const ends = await endsOfLog(directory);
  for (const [day, bytes] of ends) ends.set(day, (await lineEnd(pathOfDay(directory, day), bytes)) ?? bytes);
  return placesBehind(ends, through);
}
