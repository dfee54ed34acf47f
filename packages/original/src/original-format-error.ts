/** Something the authors' code writes that cannot be read or has no counterpart here; one clear line. */
export class OriginalFormatError extends RangeError {
  override readonly name = 'OriginalFormatError';

  /** @param message - whose control characters, such as line ends within a name, are escaped. */
  constructor(message: string, options?: ErrorOptions) {
    super(
      message.replace(/[\p{Cc}\u2028\u2029]/gu, (found) => JSON.stringify(found).slice(1, -1)),
      options,
    );
  }
}

/** A value as a message shows it: short, whatever it is. */
export function show(value: unknown): string {
  const text = spell(value, 2);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function spell(value: unknown, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  if (Array.isArray(value)) {
    if (depth === 0) return '[...]';
    const items = value.slice(0, 10).map((item) => spell(item, depth - 1));
    return `[${items.join(', ')}${value.length > 10 ? ', ...' : ''}]`;
  }
  if (value === null || typeof value === 'undefined') return String(value);
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
    return String(value);
  }
  return `a value of type ${typeof value}`;
}
