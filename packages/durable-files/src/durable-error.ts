/** A file or folder that cannot be written, in one line that names it. */
export class DurableError extends Error {
  override readonly name = 'DurableError';
  readonly file: string;
  /** The message without the file. */
  readonly problem: string;

  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`${file} ${problem}`, options);
    this.file = file;
    this.problem = problem;
  }
}
