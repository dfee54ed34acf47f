/** Runs tasks one after the other, in the order in which they came. A task that fails does not end the queue. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** @returns what the task returns; rejects as it does. */
  run<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Resolves when no task is left, also of those that came in the meantime. */
  async idle(): Promise<void> {
    for (let last: unknown; last !== this.#last; ) {
      last = this.#last;
      await last;
    }
  }
}
