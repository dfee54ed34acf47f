import { didYouMean, show, UsageError } from '@gru4rec/checks';
import { type Condition, parseWhere, type RuleColumns, type Where } from '@gru4rec/dataset/items';

/** A value from what is written. `label` is how the user names the option: `--keep`, or `DATA` of an argument. */
export type Parse<T, Given = string> = (text: Given, label: string) => T;

/** From `minimum` to `maximum`; from text, so that it is not rounded before. */
export function parseInteger(text: string, label: string, minimum: number, maximum?: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= minimum && value <= (maximum ?? Number.MAX_SAFE_INTEGER)) return value;
  const range = maximum === undefined ? `≥ ${minimum}` : `from ${minimum} to ${maximum}`;
  throw new UsageError(`${label} expected an integer ${range}, got ${JSON.stringify(text)}`);
}

export function integers(minimum: number): Parse<number[], readonly string[]> {
  return (given, label) => {
    const texts = given.flatMap((text) => text.split(',')).filter((text) => text !== '');
    if (texts.length === 0) throw new UsageError(`${label} expected integers ≥ ${minimum}, got none`);
    return [...new Set(texts.map((text) => parseInteger(text, label, minimum)))];
  };
}

/** Rules about items: a JSON object. */
export function rules(text: string, label: string): Where {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${label} expected JSON, got ${show(text)}: ${(cause as Error).message}`);
  }
}

/** @throws UsageError for a column that there is not, or another type. */
export function conditionsOf(where: Where, columns: RuleColumns): Condition[] {
  try {
    return parseWhere(where, columns);
  } catch (cause) {
    throw new UsageError(`--where: ${(cause as Error).message}`, { cause });
  }
}

export function parseShare(text: string, label: string): number {
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value <= 1) return value;
  throw new UsageError(`${label} expected a number from 0 to 1, got ${JSON.stringify(text)}`);
}

export function shares(given: readonly string[], label: string): number[] {
  return [...new Set(given.flatMap((text) => text.split(',')).map((text) => parseShare(text, label)))];
}

/** Item ids separated by commas, or a JSON array, for ids that contain a comma or start with a bracket or a blank. */
export function itemIds(text: string, label: string): readonly string[] {
  const isJson = text.trimStart().startsWith('[');
  const ids = isJson ? parseJsonIds(text, label) : text.split(',').map((id) => id.trim());
  if (ids.every((id) => id !== '')) return ids;
  throw new UsageError(`${label} expected item ids separated by commas, got an empty one`);
}

/** Undefined if the value is no id, such as a number that is not exact. */
export function idOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

/** `key=NAME`, once per key; `context` may have several names. */
export function namesByKey(
  keys: readonly string[],
): Parse<Record<string, string | string[]>, readonly string[]> {
  return (given, label) => {
    const names: Record<string, string | string[]> = {};
    for (const text of given) {
      const [, key = '', name = ''] = /^(\w+)=(.+)$/s.exec(text) ?? [];
      if (!keys.includes(key)) {
        throw new UsageError(
          `${didYouMean([key], keys)}${label} expected key=NAME with a key of ${keys.join(', ')}, got ${JSON.stringify(text)}`,
        );
      }
      if (key === 'context') names[key] = [...(names[key] ?? []), name];
      else if (names[key] === undefined) names[key] = name;
      else throw new UsageError(`${label} expected each key once, got ${key} twice`);
    }
    return names;
  };
}

function parseJsonIds(text: string, label: string): readonly string[] {
  const got = `got ${JSON.stringify(text)}`;
  try {
    const ids: unknown = JSON.parse(text);
    const texts = Array.isArray(ids) ? ids.map(idOf) : [];
    if (texts.length > 0 && texts.every((id) => id !== undefined)) return texts;
  } catch (cause) {
    throw new UsageError(`${label} begins with [ and expected a JSON array of ids, ${got}`, { cause });
  }
  throw new UsageError(`${label} expected a JSON array of one or more ids, texts or whole numbers, ${got}`);
}

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** To milliseconds: `90s`, `30m`, `1.5h`, `90d`. @param examples - for the error. */
export function duration(examples: string): Parse<number> {
  return (text, label) => {
    const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
    const ms = Math.round(Number(amount) * (unitMs[unit] ?? 0));
    if (ms > 0) return ms;
    throw new UsageError(`${label} expected a time such as ${examples}, got ${JSON.stringify(text)}`);
  };
}
