import type { FileHandle } from 'node:fs/promises';
import { show } from '@gru4rec/checked-options';
import { StudyError } from '../study-error.ts';
import type { Report, TrialOutcome, TrialRecord } from '../trial.ts';
import { alteredStudy, checkStudy, checkTrials } from './kept-study.ts';
import type { StartedTrial, StudyRecord, StudyStorage } from './storage.ts';
import { type Change, decodeLines, encodeLine } from './study-lines.ts';

/** A study in an open file: one line of JSON per change. */
export class FileStorage implements StudyStorage {
  readonly place: string;
  readonly #handle: FileHandle;
  #study: Change | undefined;
  readonly #trials = new Map<unknown, Change & { readonly reports: unknown[] }>();
  /** Bytes of all complete lines. */
  #size: number;
  /** Whether more bytes may follow, of a line that was not written completely. */
  #isTorn: boolean;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param handle - open for reading and appending; closed by `close`.
   * @param bytes - content of the file.
   * @throws StudyError if it is not a study, or damaged.
   */
  constructor(place: string, handle: FileHandle, bytes: Buffer) {
    this.place = place;
    this.#handle = handle;
    const { changes, size } = decodeLines(bytes, place);
    this.#size = size;
    this.#isTorn = size < bytes.length;
    for (const change of changes) {
      this.#check(change);
      this.#apply(change);
    }
  }

  async study(): Promise<StudyRecord | undefined> {
    await this.#last;
    return this.#study && checkStudy(this.#study, this.place);
  }

  begin(study: StudyRecord): Promise<void> {
    return this.#append({ change: 'study', ...study });
  }

  async trials(): Promise<TrialRecord[]> {
    await this.#last;
    const trials = [...this.#trials.values()];
    return checkTrials(
      trials.sort((a, b) => Number(a['number']) - Number(b['number'])),
      this.place,
    );
  }

  startTrial({ number, values, startedMs }: StartedTrial): Promise<void> {
    return this.#append({ change: 'start', number, values, startedMs });
  }

  addReport(number: number, { step, value }: Report): Promise<void> {
    return this.#append({ change: 'report', number, step, value });
  }

  endTrial(number: number, { state, value, error, endedMs }: TrialOutcome): Promise<void> {
    return this.#append({ change: 'end', number, state, value, error, endedMs });
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#handle.close();
  }

  /** Writes a change after all earlier ones. */
  #append(change: Change): Promise<void> {
    const line = encodeLine(change);
    const written = this.#last.then(async () => {
      const read: Change = JSON.parse(line);
      this.#check(read);
      await this.#write(line);
      this.#apply(read);
    });
    this.#last = written.catch(() => {});
    return written;
  }

  /** @throws StudyError with the system's message, for instance if the disk is full. */
  async #write(line: string): Promise<void> {
    try {
      if (this.#isTorn) await this.#handle.truncate(this.#size);
      this.#isTorn = true;
      await this.#handle.appendFile(line);
      await this.#handle.datasync();
      this.#isTorn = false;
      this.#size += Buffer.byteLength(line);
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause);
      throw new StudyError(
        `runStudy: "storage" expected to be readable and writable, got ${text}, at ${this.place}. Fix the cause and run the study again to continue it.`,
        { cause },
      );
    }
  }

  /** @throws StudyError if a change is of no known kind, or of a trial that has not started. */
  #check({ change, number }: Change): void {
    if (change === 'study' || change === 'start') return;
    if (change !== 'report' && change !== 'end') {
      throw alteredStudy({ path: 'change', expected: 'a known change', got: show(change) }, this.place);
    }
    if (this.#trials.has(number)) return;
    const flaw = { path: 'number', expected: 'a trial that has started', got: show(number) };
    throw alteredStudy(flaw, this.place);
  }

  /** `checkStudy` and `checkTrials` drop the other keys of a line. */
  #apply(change: Change): void {
    const { number } = change;
    const trial = this.#trials.get(number);
    if (change['change'] === 'study') this.#study = change;
    else if (change['change'] === 'start') {
      this.#trials.set(number, { ...change, state: 'running', reports: [] });
    } else if (change['change'] === 'report') trial?.reports.push(change);
    else if (trial) this.#trials.set(number, { ...trial, ...change, reports: trial.reports });
  }
}
