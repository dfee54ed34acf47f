import type { PrepareProgress } from './options.ts';

const INTERVAL_MS = 100;

/** A step that is planned. */
export interface Step {
  readonly stage: PrepareProgress['stage'];
  /** Reported as `detail`. */
  readonly name: string;
  /** Expected duration, in any unit that all steps share. */
  readonly share: number;
}

/** Reports the progress of planned steps: at every start of a step and about ten times per second. */
export class ProgressReporter {
  readonly #onProgress: ((progress: PrepareProgress) => void) | undefined;
  #queue: readonly Step[] = [];
  #step: Step = { stage: 'read', name: '', share: 0 };
  #detail = '';
  /** The running statement's range of the step. */
  #statement = { from: 0, part: 1 };
  /** Shares of all steps, and of those that have ended. */
  #total = 0;
  #done = 0;
  #lastMs = 0;
  #lastTotal = 0;

  constructor(onProgress: ((progress: PrepareProgress) => void) | undefined) {
    this.#onProgress = onProgress;
  }

  /** Reports while `work` runs. @param fraction - progress of the running SQL statement, from 0 to 1. */
  async watch<Result>(fraction: () => number, work: () => Promise<Result>): Promise<Result> {
    const timer = setInterval(() => {
      const { from, part } = this.#statement;
      if (part > 0) this.#report(from + part * fraction());
    }, INTERVAL_MS).unref();
    return work().finally(() => clearInterval(timer));
  }

  /** Adds steps after the current one. */
  plan(steps: readonly Step[]): void {
    this.#queue = [...steps, ...this.#queue];
    this.#total += steps.reduce((sum, { share }) => sum + share, 0);
  }

  /** Ends the current step, and all planned ones before the next step of this name, which begins. */
  begin(name: string): void {
    do {
      const [step, ...queue] = this.#queue;
      if (step === undefined) throw new Error(`progress: no step "${name}" is planned.`);
      this.#queue = queue;
      this.#done += this.#step.share;
      this.#step = step;
      this.part(step.name, 0, 1);
    } while (this.#step.name !== name);
  }

  /** Begins a part of the current step. Its progress is that of the running statement. */
  part(detail: string, from: number, part: number): void {
    this.#detail = detail;
    this.#statement = { from, part };
    this.#report(from);
  }

  /** For a step that measures its own progress. */
  report(detail: string, fraction: number): void {
    this.#detail = detail;
    this.#statement = { from: 0, part: 0 };
    const nowMs = performance.now();
    if (fraction < 1 && nowMs - this.#lastMs < INTERVAL_MS) return;
    this.#lastMs = nowMs;
    this.#report(fraction);
  }

  #report(fraction: number): void {
    const { stage, share } = this.#step;
    const total = Math.min(1, (this.#done + share * fraction) / this.#total);
    // Steps that are added later increase the total work; the reported progress never decreases.
    this.#lastTotal = Math.max(this.#lastTotal, total);
    this.#onProgress?.({ stage, detail: this.#detail, fraction, total: this.#lastTotal });
  }
}
