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
}
