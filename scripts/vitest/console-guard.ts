import { format } from 'node:util';

const methods = ['debug', 'dir', 'error', 'info', 'log', 'table', 'trace', 'warn'] as const;

/** Records every call to a console instead of printing it, so that a test can fail because of it. */
export class ConsoleGuard {
  readonly #console: Console;
  readonly #calls: string[] = [];

  constructor(guarded: Console) {
    this.#console = guarded;
  }

  /** Replaces the methods of the console. */
  install(): void {
    for (const method of methods) {
      this.#console[method] = (...values: unknown[]) => {
        this.#calls.push(`console.${method}: ${format(...values)}`);
      };
    }
  }

  /**
   * Forgets the calls so far.
   *
   * @throws Error that quotes them, if there were any
   */
  check(): void {
    const calls = this.#calls.splice(0);
    if (calls.length > 0) {
      throw new Error(`expected no console output, got ${calls.join('; ')}. Spy on the console in the test.`);
    }
  }
}
