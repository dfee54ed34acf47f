/**
 * A runtime could not be set up, and the cache folder is unchanged. The message says what is missing and what to do.
 */
export class SetUpError extends Error {
  override readonly name = 'SetUpError';
}
