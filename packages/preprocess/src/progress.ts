import type { PrepareProgress } from './options.ts';

const INTERVAL_MS = 100;

/** Tells the caller how far it is: at every start of a stage, and about ten times a second from DuckDB's own figure. */
export class Progress {
  readonly #onProgress: ((progress: PrepareProgress) => void) | undefined;
  #current: Pick<PrepareProgress, 'stage' | 'detail'> & { from: number; share: number } = {
    stage: 'read',
    detail: '',
    from: 0,
    share: 1,
  };
  #timer: NodeJS.Timeout | undefined;
  #lastMs = 0;

  constructor(onProgress: ((progress: PrepareProgress) => void) | undefined) {
    this.#onProgress = onProgress;
  }

  /** Asks `fraction` from time to time while statements run. */
  watch(fraction: () => number): void {
    if (this.#onProgress === undefined) return;
    this.#timer = setInterval(() => {
      const { stage, detail, from, share } = this.#current;
      if (stage !== 'write') this.#onProgress?.({ stage, detail, fraction: from + share * fraction() });
    }, INTERVAL_MS);
    this.#timer.unref();
  }

  start(stage: PrepareProgress['stage'], detail: string, from = 0, share = 1): void {
    this.#current = { stage, detail, from, share };
    this.#onProgress?.({ stage, detail, fraction: from });
  }

  /** For a stage that knows by itself how far it is. */
  report(stage: PrepareProgress['stage'], detail: string, fraction: number): void {
    this.#current = { stage, detail, from: 0, share: 1 };
    const nowMs = performance.now();
    if (fraction < 1 && nowMs - this.#lastMs < INTERVAL_MS) return;
    this.#lastMs = nowMs;
    this.#onProgress?.({ stage, detail, fraction });
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
