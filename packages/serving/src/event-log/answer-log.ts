import { existsSync } from 'node:fs';
import { mkdir, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { makeFile } from '@gru4rec/durable-files';
import type { FastifyBaseLogger } from 'fastify';
import { SerialQueue } from '../serial-queue.ts';
import type { AnswerLine } from '../traffic.ts';
import { DAY_MS, DayFile, dayOf, daysOf, pathOfDay, recoverLog } from './day-file.ts';
import { forgetIn } from './forget-events.ts';

/** How an answer log is written; `keepMs` as of an event log. */
interface AnswerLogOptions {
  readonly keepMs?: number | undefined;
  readonly logger?: FastifyBaseLogger | undefined;
  readonly now: () => number;
}

const EVERY_MS = 1000;
/** The most characters that wait: lists of 20 of five seconds at 1,000 per second. */
const MOST_WAITING = 1 << 22;

/** JSON Lines per UTC day, of which earlier days are compressed. No answer waits for it; what cannot be written is counted. */
export class AnswerLog {
  readonly #directory: string;
  readonly #options: AnswerLogOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #queue = new SerialQueue();
  #lines: string[] = [];
  #length = 0;
  #file: DayFile | undefined;
  #isFailing = false;
  lost = 0;

  /** The folder is made with the first line. */
  constructor(directory: string, options: AnswerLogOptions) {
    this.#directory = directory;
    this.#options = options;
    this.#timer = setInterval(() => {
      if (this.#lines.length > 0) this.#flush();
    }, EVERY_MS).unref();
  }

  write({ SessionId, Kind, ...others }: AnswerLine): void {
    const Time = new Date(this.#options.now()).toISOString();
    const line = `${JSON.stringify({ SessionId, Time, Kind, ...others })}\n`;
    if (this.#length + line.length > MOST_WAITING) {
      this.lost++;
      return;
    }
    this.#lines.push(line);
    this.#length += line.length;
  }

  async forget(sessionIds: ReadonlySet<string>): Promise<void> {
    await this.#flush();
    if (!existsSync(this.#directory)) return;
    await this.#queue.run(() => forgetIn(this.#directory, sessionIds));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#flush();
    await this.#file?.close().catch((error: Error) => this.#fail(error));
  }

  #flush(): Promise<void> {
    return this.#queue.run(async () => {
      const lines = this.#lines;
      this.#lines = [];
      this.#length = 0;
      if (lines.length === 0) return;
      try {
        const file = await this.#openFile();
        await file.append(lines.join(''), false);
        this.#isFailing = false;
      } catch (error) {
        this.lost += lines.length;
        this.#fail(error as Error);
      }
    });
  }

  async #openFile(): Promise<DayFile> {
    const day = dayOf(this.#options.now());
    if (this.#file?.day === day) return this.#file;
    await mkdir(this.#directory, { recursive: true });
    if (!this.#file) await recoverLog(this.#directory);
    await this.#file?.close();
    this.#file = await DayFile.open(this.#directory, day);
    this.#queue.run(() => this.#tidy(day)).catch((error: Error) => this.#fail(error));
    return this.#file;
  }

  /** Compresses the days before, and deletes those that are too old. */
  async #tidy(today: string): Promise<void> {
    const { keepMs = Number.POSITIVE_INFINITY, now } = this.#options;
    for (const day of (await daysOf(this.#directory)).filter((day) => day < today)) {
      const path = pathOfDay(this.#directory, day);
      await makeFile(`${path}.gz`, async (packed) => {
        const [from, to] = [await open(path), await open(packed, 'wx', 0o640)];
        await pipeline(from.createReadStream(), createGzip(), to.createWriteStream());
      });
      await unlink(path);
    }
    for (const name of await readdir(this.#directory)) {
      const day = /^(.{10})\.jsonl\.gz$/.exec(name)?.[1];
      if (day && Date.parse(day) + DAY_MS <= now() - keepMs) await unlink(join(this.#directory, name));
    }
  }

  #fail({ message: error }: Error): void {
    const about = { answers: this.#directory, error };
    if (!this.#isFailing) this.#options.logger?.warn(about, 'Answers cannot be logged; serving goes on');
    this.#isFailing = true;
  }
}
