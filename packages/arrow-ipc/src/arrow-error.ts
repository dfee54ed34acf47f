/** An Arrow file or stream that is damaged, in a few words: `a buffer has no room`. */
export class ArrowError extends Error {
  override readonly name = 'ArrowError';
}

/** Whatever the Arrow library stumbles over is damage; what the system says, or lack of memory, is not. */
export function asArrowError(error: unknown): unknown {
  if (error instanceof ArrowError || !(error instanceof Error)) return error;
  const isOurs = error instanceof RangeError;
  const isLibrary = error instanceof TypeError || error.constructor === Error || error instanceof SyntaxError;
  if ('code' in error || /allocation failed/i.test(error.message)) return error;
  if (!isOurs && !isLibrary) return error;
  return new ArrowError(isOurs ? error.message : 'its parts contradict each other', { cause: error });
}
