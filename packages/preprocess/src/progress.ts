import type { PrepareOptions, PrepareProgress } from './options.ts';

const INTERVAL_MS = 100;

export interface Step {
  readonly stage: PrepareProgress['stage'];
  readonly name: string;
  /** Expected duration, in any unit that all steps share. */
  readonly cost: number;
  readonly apply: () => Promise<void>;
}

/** Reports at every start of a step and about ten times per second. Work that reports ends by the signal. */
export class ProgressReporter {
  readonly #onProgress: PrepareOptions['onProgress'];
  readonly #signal: AbortSignal | undefined;
  #step: Pick<Step, 'stage' | 'cost'>;
  #detail = '';
  #statement = { from: 0, part: 1 };
  #total: number;
  #done = 0;
  #lastMs = 0;
  #lastTotal = 0;

  /** @param step - the only one, of work that is not `run`. */
  constructor(
    { onProgress, signal }: Pick<PrepareOptions, 'onProgress' | 'signal'>,
    step: Pick<Step, 'stage' | 'cost'> = { stage: 'read', cost: 0 },
  ) {
    this.#onProgress = onProgress;
    this.#signal = signal;
    this.#step = step;
    this.#total = step.cost;
  }

  /** @param fraction - progress of the running SQL statement, from 0 to 1. */
  async run(steps: readonly Step[], fraction: () => number): Promise<void> {
    const timer = setInterval(() => {
      const { from, part } = this.#statement;
      if (part > 0) this.#report(from + part * fraction());
    }, INTERVAL_MS).unref();
    this.#total = steps.reduce((sum, { cost }) => sum + cost, 0);
    try {
      for (const step of steps) {
        this.#step = step;
        this.part(step.name, 0, 1);
        await step.apply();
        this.#done += step.cost;
      }
    } finally {
      clearInterval(timer);
    }
  }

  /** The progress of a part is that of the running statement. */
  part(detail: string, from: number, part: number): void {
    this.#signal?.throwIfAborted();
    this.#detail = detail;
    this.#statement = { from, part };
    this.#report(from);
  }

  report(detail: string, fraction: number): void {
    this.#signal?.throwIfAborted();
    this.#detail = detail;
    this.#statement = { from: 0, part: 0 };
    const nowMs = performance.now();
    if (fraction < 1 && nowMs - this.#lastMs < INTERVAL_MS) return;
    this.#lastMs = nowMs;
    this.#report(fraction);
  }

  #report(fraction: number): void {
    const { stage, cost } = this.#step;
    const total = Math.min(1, (this.#done + cost * fraction) / this.#total);
    this.#lastTotal = Math.max(this.#lastTotal, total);
    this.#onProgress?.({ stage, detail: this.#detail, fraction, total: this.#lastTotal });
  }
}
