import { UsageError } from '@gru4rec/checks';

export type Coerce<T> = (value: unknown) => T;

/** Not empty, and given at most once. `dashes` come before the name in messages; none for an argument. */
export function once(name: string, dashes: '--' | '' = '--'): Coerce<string> {
  return (value) => {
    if (Array.isArray(value))
      throw new UsageError(`${dashes}${name} is given ${value.length} times, but only once is allowed`);
    if (value === '') throw new UsageError(`${dashes}${name} expected a string, got an empty one`);
    return value as string;
  };
}

export function optional<T>(coerce: Coerce<T>): Coerce<T | undefined> {
  return (value) => (value === undefined ? undefined : coerce(value));
}

/** An integer from `minimum` to `maximum`, given at most once. Parsed from text, so that it is not rounded before. */
export function integer(name: string, minimum: number, maximum?: number): Coerce<number> {
  return (value) => parseInteger(name, once(name)(value), minimum, maximum);
}

export function integers(name: string, minimum: number): (given: readonly string[]) => number[] {
  return (given) => {
    const texts = given.flatMap((text) => text.split(',')).filter((text) => text !== '');
    if (texts.length === 0) throw new UsageError(`--${name} expected integers ≥ ${minimum}, got none`);
    return [...new Set(texts.map((text) => parseInteger(name, text, minimum)))];
  };
}

function parseInteger(name: string, text: string, minimum: number, maximum?: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= minimum && value <= (maximum ?? Number.MAX_SAFE_INTEGER)) return value;
  const range = maximum === undefined ? `≥ ${minimum}` : `from ${minimum} to ${maximum}`;
  throw new UsageError(`--${name} expected an integer ${range}, got ${JSON.stringify(text)}`);
}

/** Item ids separated by commas, or a JSON array, for ids that contain a comma or start with a bracket or a blank. */
export function itemIds(name: string): (text: string) => readonly string[] {
  return (text) => {
    const isJson = text.trimStart().startsWith('[');
    const ids = isJson ? parseJsonIds(name, text) : text.split(',').map((id) => id.trim());
    if (ids.every((id) => id !== '')) return ids;
    throw new UsageError(`--${name} expected item ids separated by commas, got an empty one`);
  };
}

/** Converts an id in JSON to a string; undefined if it is not an id, such as a number that is not exact. */
export function idOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

function parseJsonIds(name: string, text: string): readonly string[] {
  const got = `got ${JSON.stringify(text)}`;
  try {
    const ids: unknown = JSON.parse(text);
    const texts = Array.isArray(ids) ? ids.map(idOf) : [];
    if (texts.length > 0 && texts.every((id) => id !== undefined)) return texts;
  } catch (cause) {
    throw new UsageError(`--${name} begins with [ and expected a JSON array of ids, ${got}`, { cause });
  }
  throw new UsageError(`--${name} expected a JSON array of one or more ids, texts or whole numbers, ${got}`);
}

/** The value of `--click-times`: how far behind and ahead, in milliseconds. */
export function clickTimes(text: string): { clickBehindMs: number; clickAheadMs: number } {
  const [behind = '', ...ahead] = text.split(',');
  const ms = duration('click-times', '1d and 5m in 1d,5m');
  return { clickBehindMs: ms(behind), clickAheadMs: ms(ahead.join()) };
}

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Parses a duration to milliseconds: `90s`, `30m`, `1.5h`, `90d`. @param examples - for the error. */
export function duration(name: string, examples: string): (text: string) => number {
  return (text) => {
    const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
    const ms = Math.round(Number(amount) * (unitMs[unit] ?? 0));
    if (ms > 0) return ms;
    throw new UsageError(`--${name} expected a time such as ${examples}, got ${JSON.stringify(text)}`);
  };
}
