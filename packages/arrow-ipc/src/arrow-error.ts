/** A damaged Arrow file or stream. The message completes a sentence about it, such as `it is cut short`. */
export class ArrowError extends Error {
  override readonly name = 'ArrowError';
}

/**
 * Turns an error of our checks or of the Arrow library into an `ArrowError`. Errors of the system, which have a `code`,
 * and of failed allocations are returned unchanged.
 */
export function asArrowError(error: unknown): unknown {
  if (error instanceof ArrowError || !(error instanceof Error)) return error;
  const isOurs = error instanceof RangeError;
  const isLibrary = error instanceof TypeError || error.constructor === Error || error instanceof SyntaxError;
  if ('code' in error || /allocation failed/i.test(error.message)) return error;
  if (!isOurs && !isLibrary) return error;
  return new ArrowError(isOurs ? error.message : 'it cannot be decoded', { cause: error });
}
