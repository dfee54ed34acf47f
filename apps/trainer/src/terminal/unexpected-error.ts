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
 * Whether the runtime made an error and no code of ours foresaw it. Ours are of their own classes, or say what they
 * expected.
 */
export function isUnexpected(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  return native.includes(error.name) && !/\bexpected\b|^\w+: /.test(error.message);
}

/** An unforeseen error, with the file or folder that was read when it came. */
export class UnexpectedError extends Error {
  override readonly name = 'UnexpectedError';
}

/**
 * Reads a file or folder: an error that no reader foresaw gets its name.
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
