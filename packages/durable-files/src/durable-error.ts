/** A file or folder that cannot be written. The message is one line that starts with its path. */
export class DurableError extends Error {
  override readonly name = 'DurableError';
  readonly file: string;
  /** The message without the path. */
  readonly problem: string;

  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`${file} ${problem}`, options);
    this.file = file;
    this.problem = problem;
  }
}
