import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { checkJson } from '@gru4rec/checks/json';
import { checkWritable, replaceFile } from '@gru4rec/durable-files';
import { mapMetrics } from '@gru4rec/metrics';
import type { EpochRecord, StepProgress } from '@gru4rec/model';
import { z } from 'zod';
import { readBoundedText } from '../arguments/read-inputs.ts';
import { describeError } from '../terminal/describe-error.ts';
import type { Output } from '../terminal/terminal.ts';

const REPORT_MS = 1000;

export type LoggedRun = Omit<RunLine, 'kind' | 'run' | 'time'>;

interface ResumedAt {
  readonly epochs: number;
  readonly steps: number;
}

interface LogOptions {
  readonly stderr: Output;
  readonly resumed?: ResumedAt | undefined;
  readonly now?: () => number;
}

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

  /** The log need not exist. With `resumed`, its newest run of this output and dataset goes on, without the steps done again. */
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
      epoch,
      epochs,
      step,
      events,
      loss,
      learningRate,
      eventsPerSecond,
      seconds,
      stepsPerSecond,
      ...validation,
    });
  }

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

function runOf(lines: readonly TrainingLogLine[], { output, dataset }: LoggedRun): string | undefined {
  return lines.findLast(
    (line) => line.kind === 'run' && line.output === output && line.dataset.checksum === dataset.checksum,
  )?.run;
}

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

/** Maximum bytes of a log; a day at one report per second has 25 MB. */
const MOST_BYTES = 1 << 28;

/** Ignores the beginning of a line at the end, which a killed run may leave. */
export async function readTrainingLog(file: string): Promise<TrainingLogLine[]> {
  const text = await readBoundedText(file, MOST_BYTES).catch((cause) => {
    throw new Error(`The training log ${file} cannot be read`, { cause });
  });
  return text
    .split('\n')
    .slice(0, -1)
    .map((line, at) => parseLine(line, `${file}, line ${at + 1}`));
}

function parseLine(text: string, place: string): TrainingLogLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${place}: expected a line of a training log, got no JSON`, { cause });
  }
  return checkJson(trainingLogLine, value, ({ path, expected, got }) => {
    const key = path === '' ? 'a line of a training log' : `"${path}"`;
    return new Error(`${place}: ${key} expected ${expected}, got ${got}`);
  });
}

const count = z.int().nonnegative();
const rate = z.number().nonnegative();
const common = { run: z.string(), time: z.iso.datetime() };
const place = {
  epoch: z.int().positive(),
  epochs: z.int().positive(),
  step: count,
  events: count,
  loss: z.number(),
  learningRate: z.number(),
  eventsPerSecond: rate,
};

/** What docs/watching-training.md describes. */
const trainingLogLine = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('run'),
    ...common,
    version: z.string(),
    output: z.string(),
    dataset: z.object({ directory: z.string(), checksum: z.string() }),
    items: count,
    engine: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    config: z.record(z.string(), z.unknown()),
  }),
  z.object({ kind: z.literal('resume'), ...common, epoch: z.int().positive(), step: count }),
  z.object({ kind: z.literal('report'), ...common, ...place, eventsPerEpoch: count }),
  z.object({
    kind: z.literal('epoch'),
    ...common,
    ...place,
    seconds: rate,
    stepsPerSecond: rate,
    ...mapMetrics(() => z.number().min(0).max(1).exactOptional()),
  }),
]);

export type TrainingLogLine = Readonly<z.infer<typeof trainingLogLine>>;

export type RunLine = TrainingLogLine & { kind: 'run' };
