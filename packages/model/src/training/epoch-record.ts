import { mapMetrics, type PerMetric } from '@gru4rec/metrics';
import { z } from 'zod';
import { type EarlierPart, MOST_EARLIER } from '../parts/earlier.ts';

/** Metrics of an epoch on held-out sessions, at 20 items. Files lack a metric that is newer than they are. */
export type ValidationRecord = Partial<PerMetric<number>>;

/** Loss, speed and validation of an epoch. */
export interface EpochRecord {
  readonly epoch: number;
  /** Mean loss per predicted event. */
  readonly loss: number;
  readonly seconds: number;
  readonly steps: number;
  readonly events: number;
  readonly stepsPerSecond: number;
  readonly eventsPerSecond: number;
  /** With `patience` or `monitor`, if the epoch was validated. */
  readonly validation?: ValidationRecord | undefined;
  /** Only with `patience`: the model has the parameters after this epoch. */
  readonly kept?: true;
  /** Only with `holdOut`: the pass over the held-out sessions, from the parameters of the epoch that was kept. */
  readonly heldOut?: true;
  /** Only with `holdOut`: η for a `Learner` of the model; see `fitLearnerRate`. */
  readonly learnerRate?: number;
  /** Only with `holdOut` and visitors who have earlier sessions: what was chosen of the part `earlier`. */
  readonly earlier?: EarlierPart;
}

const count = z.int().nonnegative();
const share = z.number().min(0).max(1);
/** Seconds and rates; nothing larger was measured. */
const measured = z.number().min(0).max(1e15);

/** The epochs in a file of a model or checkpoint. */
export const historySchema: z.ZodType<readonly EpochRecord[]> = z.array(
  z.object({
    epoch: z.int().positive(),
    loss: z.number(),
    seconds: measured,
    steps: count,
    events: count,
    stepsPerSecond: measured,
    eventsPerSecond: measured,
    validation: z.object(mapMetrics(() => share.exactOptional())).exactOptional(),
    kept: z.literal(true).exactOptional(),
    heldOut: z.literal(true).exactOptional(),
    learnerRate: z.number().positive().exactOptional(),
    earlier: z
      .object({
        fed: count.max(MOST_EARLIER),
        first: z.number().nonnegative(),
        later: z.number().nonnegative(),
      })
      .exactOptional(),
  }),
);

export type AmendedRecord = EpochRecord & { validation?: EpochRecord['validation'] };
