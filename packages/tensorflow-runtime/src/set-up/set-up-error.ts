/** A runtime could not be set up; the message says what is missing and what to do. Nothing was changed. */
export class SetUpError extends Error {
  override readonly name = 'SetUpError';
}
