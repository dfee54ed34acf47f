const native = [
  'TypeError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'EvalError',
  'URIError',
  'InternalError',
];

/**
 * Whether an error is from the runtime and not from our code. Errors of our code have their own classes, or a message that
 * says what was expected.
 */
export function isUnexpected(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  return native.includes(error.name) && !/\bexpected\b|^\w+: /.test(error.message);
}

/** An unexpected error, with the file or folder that was being read. */
export class UnexpectedError extends Error {
  override readonly name = 'UnexpectedError';
}

/**
 * Reads a file or folder, and adds its path to an unexpected error.
 *
 * @throws what `read` throws.
 */
export async function reading<T>(place: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!isUnexpected(cause)) throw cause;
    throw new UnexpectedError(`while reading ${place}`, { cause });
  }
}
