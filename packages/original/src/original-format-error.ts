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

/** Formats any value for a message in at most 80 characters. */
export function show(value: unknown): string {
  const text = format(value, 2);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function format(value: unknown, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  if (Array.isArray(value)) {
    if (depth === 0) return '[...]';
    const items = value.slice(0, 10).map((item) => format(item, depth - 1));
    return `[${items.join(', ')}${value.length > 10 ? ', ...' : ''}]`;
  }
  if (value === null || typeof value === 'undefined') return String(value);
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
    return String(value);
  }
  return `a value of type ${typeof value}`;
}
