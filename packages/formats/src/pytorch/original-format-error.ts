/** A parameter or file of the authors' code that is invalid or has no counterpart here. The message is one line. */
export class OriginalFormatError extends RangeError {
  override readonly name = 'OriginalFormatError';

  /** @param message - its control characters, such as line breaks within a name, are escaped. */
  constructor(message: string, options?: ErrorOptions) {
    super(
      message.replace(/[\p{Cc}\u2028\u2029]/gu, (found) => JSON.stringify(found).slice(1, -1)),
      options,
    );
  }
}
