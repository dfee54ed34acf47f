import { z } from 'zod';

/** Recall@20 of a method, on the log and with the clicks of each session shuffled. */
export interface OrderPair {
  readonly log: number;
  readonly shuffled: number;
}

/** Shares of clicks after the first of their sessions. */
interface Repeats {
  readonly anyBefore: number;
  readonly justBefore: number;
}

/** What `inspect` found in a dataset: figures of the training split unless another is named. Shares are between 0 and 1. */
export interface Inspection {
  readonly format: 'gru4rec-inspection';
  readonly version: 1;
  readonly data: string;
  readonly items: number;
  readonly splits: Record<string, { readonly sessions: number; readonly events: number }>;
  readonly lengths: {
    readonly mean: number;
    readonly median: number;
    readonly longest: number;
    readonly groups: { readonly label: string; readonly count: number }[];
  };
  readonly concentration: {
    readonly gini: number;
    readonly top1: number;
    readonly top10: number;
    readonly rare: number;
    readonly lorenz: [items: number, clicks: number][];
  };
  readonly repeats: Repeats;
  readonly time: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly periodMs: number;
    readonly counts: number[];
  };
  readonly lifetime: { readonly medianDays: number; readonly withinDay: number };
  /** Of the test split, or else of the validation split; absent without either. */
  readonly heldOut?: {
    readonly split: 'test' | 'validation';
    /** Share of its clicks on items unseen in training, which `prepare` removed; absent if it is not recorded. */
    readonly unseen?: number;
    /** Share of its sessions of three distinct items or more that have exactly the items of a training session. */
    readonly duplicates: number;
    readonly laterTraining: number;
    readonly repeats: Repeats;
  };
  /** Absent without a held-out split or with `--no-order`. */
  readonly order?: {
    readonly trainSessions: number;
    readonly testSessions: number;
    readonly rules: OrderPair;
    readonly gru: OrderPair;
  };
  readonly advice: string[];
}

const share: z.ZodNumber = z.number();
const count: z.ZodInt = z.int().nonnegative();
const pair = z.object({ log: share, shuffled: share });

/** The JSON of `inspect`. */
export const inspectionSchema: z.ZodType<Inspection> = z.object({
  format: z.literal('gru4rec-inspection'),
  version: z.literal(1),
  data: z.string(),
  items: count,
  splits: z.record(z.string(), z.object({ sessions: count, events: count })),
  lengths: z.object({
    ...{ mean: z.number(), median: count, longest: count },
    groups: z.array(z.object({ label: z.string(), count })),
  }),
  concentration: z.object({
    ...{ gini: share, top1: share, top10: share, rare: share },
    lorenz: z.array(z.tuple([share, share])),
  }),
  repeats: z.object({ anyBefore: share, justBefore: share }),
  time: z.object({ fromMs: z.number(), toMs: z.number(), periodMs: count, counts: z.array(count) }),
  lifetime: z.object({ medianDays: z.number(), withinDay: share }),
  heldOut: z
    .object({
      split: z.enum(['test', 'validation']),
      unseen: share.exactOptional(),
      ...{
        duplicates: share,
        laterTraining: share,
        repeats: z.object({ anyBefore: share, justBefore: share }),
      },
    })
    .exactOptional(),
  order: z.object({ trainSessions: count, testSessions: count, rules: pair, gru: pair }).exactOptional(),
  advice: z.array(z.string()),
});
