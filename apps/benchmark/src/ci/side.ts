import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Failure } from '../command-line.ts';
import { sourceFlags } from '../own-process.ts';

export type SideRequest = { readonly row: string; readonly times: number };

/** The processor time of all threads of the process, or why the row cannot run. */
export type SideAnswer = { readonly microseconds: number } | { readonly problem: string };

export class Side {
  readonly #child: ChildProcess;
  readonly #signal: AbortSignal;

  constructor(cwd: string, signal: AbortSignal) {
    this.#signal = signal;
    const options = { cwd, execArgv: sourceFlags(), signal, killSignal: 'SIGKILL' } as const;
    this.#child = fork(join(cwd, 'src', 'ci', 'side-main.ts'), [], options);
    this.#child.on('error', () => {});
  }

  /** @throws Failure if the process ends by itself. */
  run(row: string, times: number): Promise<SideAnswer> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null, by: string | null): void => {
        const failure = new Failure(`ci: the process of ${row} ended with ${by ?? code}`);
        reject(this.#signal.aborted ? this.#signal.reason : failure);
      };
      this.#child.once('close', ended).once('message', (answer: SideAnswer) => {
        this.#child.off('close', ended);
        resolve(answer);
      });
      this.#child.send({ row, times } satisfies SideRequest);
    });
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await closed;
  }
}
