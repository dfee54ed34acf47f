import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Failure } from '../command-line.ts';
import { sourceFlags } from '../own-program.ts';

/** A request to repeat the work of a row `times` times. */
export interface SideRequest {
  readonly row: string;
  readonly times: number;
}

/** The processor time of all threads of the process, or why the row cannot run. */
export type SideAnswer = { readonly microseconds: number } | { readonly problem: string };

/** One side of a comparison: a process with the code of a tree. */
export class Side {
  readonly #child: ChildProcess;
  readonly #signal: AbortSignal;

  /** @param benchmark - the folder of the benchmark app in the tree. */
  constructor(benchmark: string, signal: AbortSignal) {
    this.#signal = signal;
    this.#child = fork(join(benchmark, 'src', 'ci', 'side-main.ts'), [], {
      cwd: benchmark,
      execArgv: sourceFlags(),
      signal,
      killSignal: 'SIGKILL',
    });
    this.#child.on('error', () => {});
  }

  /** @throws Failure if the process ends by itself. */
  async run(row: string, times: number): Promise<SideAnswer> {
    const child = this.#child;
    const stop = new AbortController();
    try {
      const ended = once(child, 'close', { signal: stop.signal }).then(([code, by]) => {
        this.#signal.throwIfAborted();
        throw new Failure(`ci: the process of ${row} ended with ${by ?? code}`);
      });
      const answered = once(child, 'message', { signal: stop.signal });
      ended.catch(() => {});
      child.send({ row, times } satisfies SideRequest);
      const [answer] = (await Promise.race([answered, ended])) as [SideAnswer];
      return answer;
    } finally {
      stop.abort();
    }
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await closed;
  }
}
