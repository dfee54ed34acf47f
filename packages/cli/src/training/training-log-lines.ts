import { mapMetrics, type PerMetric } from '@gru4rec/metrics';
import { z } from 'zod';

interface Common {
  /** Id of the training run; a file may hold several. */
  readonly run: string;
  /** ISO 8601, UTC. */
  readonly time: string;
}

/** The start of a run. */
export interface RunLine extends Common {
  readonly kind: 'run';
  readonly version: string;
  /** The model folder, as given. */
  readonly output: string;
  readonly dataset: { readonly directory: string; readonly checksum: string };
  readonly items: number;
  /** Name and facts of the engine, such as threads. */
  readonly engine: Readonly<Record<string, string | number | boolean>>;
  /** All hyper-parameters. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** A run goes on after an interruption. Lines of the steps that it does again were removed. */
export interface ResumeLine extends Common {
  readonly kind: 'resume';
  readonly epoch: number;
  readonly step: number;
}

/** Where a run is when a line is written. */
interface LoggedProgress {
  /** From 1, the epochs of a model that the run continues included, as are steps. */
  readonly epoch: number;
  /** The last epoch of the run. */
  readonly epochs: number;
  /** Steps since the first epoch. */
  readonly step: number;
  /** Predicted events of this epoch so far. */
  readonly events: number;
  /** Mean per predicted event of this epoch so far. */
  readonly loss: number;
  readonly learningRate: number;
  /** Since the line of progress before; of the whole epoch at its end. */
  readonly eventsPerSecond: number;
}

/** Progress within an epoch, at most once per second. */
export interface ReportLine extends Common, LoggedProgress {
  readonly kind: 'report';
  readonly eventsPerEpoch: number;
}

/** The end of an epoch; recall, MRR and nDCG at 20 items on the validation split, if it was validated. */
export interface EpochLine extends Common, LoggedProgress, Partial<PerMetric<number>> {
  readonly kind: 'epoch';
  readonly seconds: number;
  readonly stepsPerSecond: number;
}

/** One line of a training log. */
export type TrainingLogLine = RunLine | ResumeLine | ReportLine | EpochLine;

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

/** Checks one line of a training log. */
export const trainingLogLine: z.ZodType<TrainingLogLine> = z.discriminatedUnion('kind', [
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
