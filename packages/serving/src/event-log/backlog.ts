/** The most characters that are kept: clicks of about a minute at 1,000 per second. */
const MAX_LENGTH = 1 << 24;

/** Lines that wait in memory until the log can be written. */
export class Backlog {
  #lines: string[] = [];
  #length = 0;
  #lost = 0;
  #reported = 0;

  get lines(): readonly string[] {
    return this.#lines;
  }

  get size(): number {
    return this.#lines.length;
  }

  /** Number of lines that did not fit, ever. */
  get lost(): number {
    return this.#lost;
  }

  /** Adds a line, or counts it as lost if there are too many. */
  add(line: string): void {
    if (line === '') return;
    if (this.#length + line.length > MAX_LENGTH) {
      this.#lost++;
      return;
    }
    this.#lines.push(line);
    this.#length += line.length;
  }

  removeFirst(count: number): void {
    for (const { length } of this.#lines.slice(0, count)) this.#length -= length;
    this.#lines = this.#lines.slice(count);
  }

  /** Number of lines lost since the last call. */
  takeLost(): number {
    const lost = this.#lost - this.#reported;
    this.#reported = this.#lost;
    return lost;
  }
}
