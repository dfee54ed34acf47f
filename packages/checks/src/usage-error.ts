/** What a caller asks for is wrong: a command line then exits with 2, and points to its help. */
export class UsageError extends RangeError {
  override readonly name = 'UsageError';
}
