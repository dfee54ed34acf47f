import type { PrepareProgress } from './options.ts';

const INTERVAL_MS = 100;

/** A step under way. */
interface Step {
  readonly stage: PrepareProgress['stage'];
  readonly detail: string;
  /** What it takes, as the sum of all steps is given. */
  readonly share: number;
  /** The running part of it, from 0 to 1. */
  readonly from: number;
  readonly part: number;
}

/** Tells the caller how far it is: at every start of a step, and about ten times a second from the engine's own figure. */
export class Progress {
  readonly #onProgress: ((progress: PrepareProgress) => void) | undefined;
  #total: number;
  #done = 0;
  #step: Step = { stage: 'read', detail: '', share: 0, from: 0, part: 1 };
  #timer: NodeJS.Timeout | undefined;
  #lastMs = 0;
  #lastTotal = 0;

  /** @param total - what all steps take that are known from the start. */
  constructor(onProgress: ((progress: PrepareProgress) => void) | undefined, total: number) {
    this.#onProgress = onProgress;
    this.#total = total;
  }

  /** Asks how far the running statement is from time to time. */
  watch(fraction: () => number): void {
    if (this.#onProgress === undefined) return;
    this.#timer = setInterval(() => {
      const { from, part } = this.#step;
      if (part > 0) this.#tell(from + part * fraction());
    }, INTERVAL_MS);
    this.#timer.unref();
  }

  /** Starts a step, which ends the one before. */
  start(stage: PrepareProgress['stage'], detail: string, share: number): void {
    this.#done += this.#step.share;
    this.#step = { stage, detail, share, from: 0, part: 1 };
    this.#tell(0);
  }

  /** Adds to what all steps take. */
  extend(share: number): void {
    this.#total += share;
  }

  /** Starts a part of the running step. */
  startPart(detail: string, from: number, part: number): void {
    this.#step = { ...this.#step, detail, from, part };
    this.#tell(from);
  }

  /** For a step that knows by itself how far it is. */
  report(detail: string, fraction: number): void {
    this.#step = { ...this.#step, detail, part: 0 };
    const nowMs = performance.now();
    if (fraction < 1 && nowMs - this.#lastMs < INTERVAL_MS) return;
    this.#lastMs = nowMs;
    this.#tell(fraction);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tell(fraction: number): void {
    const { stage, detail, share } = this.#step;
    const done = this.#done + share * fraction;
    // A round of filters more does not take back what was told.
    this.#lastTotal = Math.max(this.#lastTotal, Math.min(1, done / this.#total));
    this.#onProgress?.({ stage, detail, fraction, total: this.#lastTotal });
  }
}
