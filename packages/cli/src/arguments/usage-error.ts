/** The command line is wrong: exit code 2, and a hint to the help. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
