/** Metrics of an epoch on the validation split, at 20 items. */
export interface ValidationRecord {
  readonly recall: number;
  readonly mrr: number;
  readonly ndcg: number;
}

/** One epoch as it went. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** Mean loss of a predicted event. */
  readonly loss: number;
  readonly seconds: number;
  readonly steps: number;
  /** Predicted events. */
  readonly events: number;
  readonly stepsPerSecond: number;
  readonly eventsPerSecond: number;
  /** With `patience` alone. */
  readonly validation?: ValidationRecord;
  /** With `patience` alone: the model's parameters are those after this epoch. */
  readonly kept?: true;
}
