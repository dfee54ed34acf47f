import { join } from 'node:path';
import {
  anything,
  type Complete,
  callback,
  checkOptions,
  type OptionChecks,
  oneOf,
  positive,
  withDefaults,
} from '@gru4rec/checks';
import { lockOutput } from '@gru4rec/durable-files';
import type { FastifyBaseLogger } from 'fastify';
import type { Registry } from 'prom-client';
import { Problem } from '../http/problem.ts';
import { registerReadMetrics } from '../metrics.ts';
import type { SessionStore } from '../sessions/session-store.ts';
import type { AnswerLine, ClickEvent, LoggedClick, TrafficObserver } from '../traffic.ts';
import { AnswerLog } from './answer-log.ts';
import {
  ANSWERS_FOLDER,
  DAY_MS,
  DayFile,
  dayOf,
  endsOfLog,
  recoverLog,
  removeDaysBefore,
} from './day-file.ts';
import { forgetIn } from './forget-events.ts';
import { deletionLine, type LogPlaces, logLine } from './log-lines.ts';
import { latestClicks, restoreSessions } from './restore-sessions.ts';

/** How an event log is written. */
export interface EventLogOptions {
  /**
   * When a click is answered: `always` (default), once it is flushed to disk; `interval`, once the system has it,
   * which survives the end of the process but not a power cut.
   */
  readonly sync?: 'always' | 'interval' | undefined;
  /** How often an `interval` log is flushed (1 s). */
  readonly intervalMs?: number | undefined;
  /** How long after a failure the log is written again (1 s). */
  readonly retryMs?: number | undefined;
  /**
   * How long a day's file stays after the day (ms), for ever if not given. The time counts at most to the end of the day whose
   * file has been written for an hour, so that a clock that is wrong for a moment deletes nothing.
   */
  readonly keepMs?: number | undefined;
  readonly logger?: FastifyBaseLogger | undefined;
  /** Milliseconds since 1970, for the day. */
  readonly now?: (() => number) | undefined;
}

const checks: OptionChecks<EventLogOptions> = {
  sync: oneOf(['always', 'interval']),
  intervalMs: positive,
  retryMs: positive,
  keepMs: positive,
  logger: anything,
  now: callback,
};

const HOUR_MS = 3_600_000;
/** The most characters that wait in memory: clicks of about a minute at 1,000 per second. */
const MOST_WAITING = 1 << 24;

interface Waiting {
  readonly line: string;
  readonly resolve: (isWritten: boolean) => void;
}

/**
 * JSON Lines that `prepare` reads, one file per UTC day of arrival. While the log cannot be written, clicks are answered
 * without it and kept in memory up to a limit.
 */
export class EventLog implements TrafficObserver {
  readonly directory: string;
  readonly #options: EventLogOptions & Complete<Pick<EventLogOptions, 'sync' | 'retryMs' | 'now'>>;
  readonly #unlock: () => void;
  readonly #answers: AnswerLog;
  readonly #timer: NodeJS.Timeout | undefined;
  /** Begins again with each file, by the clock that nobody sets. */
  #hourly: NodeJS.Timeout | undefined;
  #removing: Promise<void> | undefined;
  #backlog: string[] = [];
  #backlogLength = 0;
  /** Lines that did not fit, ever, and those of them that were reported. */
  #lost = 0;
  #lostBefore = 0;
  #file: DayFile | undefined;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #written = 0;
  #failure: Error | undefined;
  #retry: NodeJS.Timeout | undefined;

  private constructor(directory: string, options: EventLogOptions, unlock: () => void) {
    this.directory = directory;
    this.#options = withDefaults({ sync: 'always', retryMs: 1000, now: Date.now }, options);
    this.#unlock = unlock;
    const { keepMs, logger, now } = this.#options;
    this.#answers = new AnswerLog(join(directory, ANSWERS_FOLDER), { keepMs, logger, now });
    if (this.#options.sync === 'interval') {
      this.#timer = setInterval(() => this.#sync(), options.intervalMs ?? 1000).unref();
    }
  }

  /** Repairs what a killed process left. @throws Error if the folder cannot be written, or another process writes it. */
  static async open(directory: string, options: EventLogOptions = {}): Promise<EventLog> {
    checkOptions('EventLog.open', options, checks);
    let unlock = (): void => {};
    try {
      unlock = lockOutput(join(directory, 'log'), 'serve');
      const tornBytes = await recoverLog(directory);
      const log = new EventLog(directory, options, unlock);
      await log.#openFile();
      if (tornBytes > 0)
        log.#log('warn', { tornBytes }, 'The event log ended in a torn line, which is removed');
      return log;
    } catch (cause) {
      unlock();
      throw new Error(`The event log ${directory} cannot be opened`, { cause });
    }
  }

  async restore(sessions: SessionStore, onClick: (click: LoggedClick) => void): Promise<void> {
    await restoreSessions(this.directory, sessions);
    for (const click of await latestClicks(this.directory)) onClick(click);
  }

  /** Resolves when the click is durable by the policy, or if the log cannot be written. */
  async onClick(event: ClickEvent): Promise<void> {
    await this.#append(logLine(event));
  }

  /** Nothing waits for the line. */
  onLine(line: AnswerLine): void {
    this.#answers.write(line);
  }

  /** Waits for what is being written, because the click may be part of it. */
  async onRepeat(): Promise<void> {
    await this.#append('');
  }

  /** @throws Problem (503) if the log cannot be written: at once if that is known, else it gets the line later. */
  onDelete(sessionId: string): Promise<void> {
    const unwritten = new Problem(503, 'The event log cannot be written, so no session can be forgotten');
    if (this.#failure) throw unwritten;
    return this.#append(deletionLine(sessionId, this.#options.now())).then((isWritten) => {
      if (!isWritten) throw unwritten;
    });
  }

  async forget(sessionIds: ReadonlySet<string>): Promise<number> {
    await this.#file?.sync();
    await this.#answers.forget(sessionIds);
    const { removed } = await forgetIn(this.directory, sessionIds, await this.flushedEnds());
    return [...removed.values()].reduce((sum, clicks) => sum + clicks, 0);
  }

  /** The end of what is flushed to disk of each file, before which only `forget` changes it. */
  async flushedEnds(): Promise<LogPlaces> {
    const ends = await endsOfLog(this.directory).catch(() => new Map<string, number>());
    return this.#file ? ends.set(this.#file.day, this.#file.flushed) : ends;
  }

  registerMetrics(registry: Registry): void {
    registerReadMetrics(registry, {
      gru4rec_event_log_clicks_total: ['Clicks written to the event log', () => this.#written],
      gru4rec_event_log_lost_total: [
        'Clicks that are not in the event log, because it could not be written for too long',
        () => this.#lost,
      ],
      gru4rec_answers_lost_total: [
        'Answers that are not logged, because they could not be written or were too many',
        () => this.#answers.lost,
      ],
      gru4rec_event_log_failing: ['1 while the event log cannot be written', () => Number(!!this.#failure)],
      gru4rec_event_log_backlog: ['Clicks in memory that the event log will get', () => this.#backlog.length],
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    clearTimeout(this.#retry);
    await this.#writing;
    if (this.#failure) await this.#writeBacklog();
    clearTimeout(this.#retry);
    await this.#file?.close().catch((error: Error) => this.#fail(error));
    clearTimeout(this.#retry);
    clearInterval(this.#hourly);
    await this.#removing;
    await this.#answers.close();
    this.#unlock();
  }

  /** @returns whether the line is written; does not wait until the log can be. */
  #append(line: string): Promise<boolean> {
    if (this.#failure) {
      this.#keep(line);
      return Promise.resolve(false);
    }
    return new Promise((resolve) => {
      this.#waiting.push({ line, resolve });
      if (!this.#writing) this.#begin(this.#writeWaiting());
    });
  }

  #begin(writing: Promise<void>): void {
    this.#writing = writing.finally(() => {
      this.#writing = undefined;
    });
  }

  async #writeWaiting(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      const lines = group.map(({ line }) => line);
      const isWritten = !this.#failure && (await this.#write(lines));
      if (!isWritten) for (const line of lines) this.#keep(line);
      for (const { resolve } of group) resolve(isWritten);
    }
  }

  /** @returns false if that failed, after which the log is written again later. */
  async #write(lines: readonly string[], sync: boolean = this.#options.sync === 'always'): Promise<boolean> {
    try {
      const file = await this.#openFile();
      await file.append(lines.join(''), sync);
      this.#written += lines.filter((line) => line !== '').length;
      return true;
    } catch (error) {
      this.#fail(error as Error);
      return false;
    }
  }

  async #openFile(): Promise<DayFile> {
    const day = dayOf(this.#options.now());
    if (this.#file?.day === day) return this.#file;
    const next = await DayFile.open(this.directory, day);
    const before = this.#file;
    this.#file = next;
    clearInterval(this.#hourly);
    if (this.#options.keepMs !== undefined)
      this.#hourly = setInterval(() => this.#removeOld(next), HOUR_MS).unref();
    await before?.close();
    return next;
  }

  #removeOld({ day }: DayFile): void {
    const { keepMs = 0, now } = this.#options;
    if (this.#removing) return;
    this.#removing = removeDaysBefore(this.directory, Math.min(now(), Date.parse(day) + DAY_MS) - keepMs)
      .then(
        (removed) =>
          removed.length > 0 && this.#log('info', { removed }, 'Old files of the event log are deleted'),
        ({ message: error }: Error) =>
          this.#log('error', { error }, 'Old files of the event log cannot be deleted; serving goes on'),
      )
      .then(() => {
        this.#removing = undefined;
      });
  }

  #sync(): void {
    if (this.#writing || this.#failure) return;
    this.#file?.sync().catch((error: Error) => this.#fail(error));
  }

  #fail(error: Error): void {
    if (!this.#failure) {
      const about = { error: error.message };
      this.#log('error', about, 'The event log cannot be written; serving goes on without it');
    }
    this.#failure = error;
    this.#retryLater();
  }

  #retryLater(): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      // A write that began before the failure may take longer than this.
      if (this.#writing) return this.#retryLater();
      this.#begin(this.#writeBacklog());
    }, this.#options.retryMs).unref();
  }

  #keep(line: string): void {
    if (line === '') return;
    if (this.#backlogLength + line.length > MOST_WAITING) {
      this.#lost++;
      return;
    }
    this.#backlog.push(line);
    this.#backlogLength += line.length;
  }

  async #writeBacklog(): Promise<void> {
    for (;;) {
      const lines = this.#backlog.slice();
      if (!(await this.#write(lines, true))) return;
      for (const { length } of this.#backlog.splice(0, lines.length)) this.#backlogLength -= length;
      if (this.#backlog.length === 0) break;
    }
    this.#failure = undefined;
    this.#log('warn', { lost: this.#lost - this.#lostBefore }, 'The event log is written again');
    this.#lostBefore = this.#lost;
  }

  #log(level: 'info' | 'warn' | 'error', about: object, text: string): void {
    this.#options.logger?.[level]({ eventLog: this.directory, ...about }, text);
  }
}
