import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { checkWritable, replaceFile } from '@gru4rec/durable-files';
import type { EpochRecord, StepProgress } from '@gru4rec/model';
import { describeError } from '../terminal/describe-error.ts';
import type { Output } from '../terminal/terminal.ts';
import { readTrainingLog } from './read-training-log.ts';
import type { RunLine, TrainingLogLine } from './training-log-lines.ts';

/** Milliseconds between two lines of progress within an epoch. */
const REPORT_MS = 1000;

/** The first line of a run, without what the log adds. */
export type LoggedRun = Omit<RunLine, 'kind' | 'run' | 'time'>;

/** Where a resumed run starts. */
export interface ResumedAt {
  /** Epochs that have ended; those of a model that the run continues included, as are steps. */
  readonly epochs: number;
  readonly steps: number;
}

/** Options of `TrainingLog.open`. */
export interface LogOptions {
  readonly stderr: Output;
  /** Where the run resumes, of `--resume`. */
  readonly resumed?: ResumedAt | undefined;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Writes the log of a training run: one whole line of JSON per write, at the end of the file. */
export class TrainingLog {
  readonly #file: string;
  readonly #run: string;
  readonly #stderr: Output;
  readonly #now: () => number;
  /** Undefined before the first progress that this process sees. */
  #last: { readonly ms: number; readonly epoch: number; readonly events: number } | undefined;
  #broken = false;

  private constructor(file: string, run: string, { stderr, now = Date.now }: LogOptions) {
    this.#file = file;
    this.#run = run;
    this.#stderr = stderr;
    this.#now = now;
  }

  /**
   * Adds a run to a log, which need not exist. With `resumed`, the newest run with the same output and dataset goes on:
   * its lines of the steps that are done again are removed.
   *
   * @throws Error if the file is not a training log, or cannot be written.
   */
  static async open(file: string, logged: LoggedRun, options: LogOptions): Promise<TrainingLog> {
    const lines = existsSync(file) ? await readTrainingLog(file) : [];
    const { resumed } = options;
    const run = resumed && runOf(lines, logged);
    await checkWritable(dirname(file)).catch((cause) => {
      throw new Error(`The training log ${file} cannot be written`, { cause });
    });
    // Also ends a line that was cut off.
    const kept =
      run === undefined ? lines : lines.filter((line) => line.run !== run || !isAfter(line, resumed));
    await replaceFile(file, [Buffer.from(kept.map((line) => `${JSON.stringify(line)}\n`).join(''))]);
    const log = new TrainingLog(file, run ?? randomUUID(), options);
    if (run === undefined) log.#write({ kind: 'run', ...logged });
    else if (resumed) log.#write({ kind: 'resume', epoch: resumed.epochs + 1, step: resumed.steps });
    return log;
  }

  /** Writes progress, unless a line of this epoch is younger than a second. */
  onStep({ eventsPerEpoch, ...place }: StepProgress): void {
    const { epoch, events } = place;
    const ms = this.#now();
    const last = this.#last?.epoch === epoch ? this.#last : undefined;
    if (last && ms - last.ms < REPORT_MS) return;
    this.#last = { ms, epoch, events };
    // The speed is known from the second line of an epoch on.
    if (!last) return;
    const eventsPerSecond = (1000 * (events - last.events)) / (ms - last.ms);
    this.#write({ kind: 'report', ...place, eventsPerEpoch, eventsPerSecond });
  }

  onEpoch(record: EpochRecord, { epochs, step, learningRate }: StepProgress): void {
    const { epoch, events, loss, seconds, stepsPerSecond, eventsPerSecond, validation } = record;
    this.#write({
      kind: 'epoch',
      ...{ epoch, epochs, step, events, loss, learningRate, eventsPerSecond, seconds, stepsPerSecond },
      ...validation,
    });
  }

  /** A log that cannot be written any more does not end the training. */
  #write(line: object): void {
    if (this.#broken) return;
    const { kind, ...values } = line as { kind: string };
    const whole = { kind, run: this.#run, time: new Date(this.#now()).toISOString(), ...values };
    try {
      appendFileSync(this.#file, `${JSON.stringify(whole)}\n`);
    } catch (error) {
      this.#broken = true;
      this.#stderr.write(
        `Warning: the training log ${this.#file} cannot be written any more (${describeError(error)}); training continues\n`,
      );
    }
  }
}

/** Id of the newest run with the same output and dataset. */
function runOf(lines: readonly TrainingLogLine[], { output, dataset }: LoggedRun): string | undefined {
  return lines.findLast(
    (line) => line.kind === 'run' && line.output === output && line.dataset.checksum === dataset.checksum,
  )?.run;
}

/** Whether a resumed run writes the line again. */
function isAfter(line: TrainingLogLine, { epochs, steps }: ResumedAt = { epochs: 0, steps: 0 }): boolean {
  switch (line.kind) {
    case 'run':
      return false;
    case 'epoch':
      return line.epoch > epochs;
    case 'resume':
    case 'report':
      return line.step > steps;
  }
}
