import { configDefaults } from '@gru4rec/model';
import { UsageError } from './usage-error.ts';

/**
 * Parses `key=value` texts. The type of a key's default determines that of its value: a number, a boolean, or a list with
 * commas. A value of another type stays a string, which `parseConfig` refuses.
 *
 * @throws UsageError if a text has no `=`.
 */
export function parseSettings(texts: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(texts.map(parseSetting));
}

function parseSetting(text: string): [key: string, value: unknown] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`--set expected key=value, got ${JSON.stringify(text)}`);
  const key = text.slice(0, at).trim();
  const fallback = Object.hasOwn(configDefaults, key)
    ? configDefaults[key as keyof typeof configDefaults]
    : undefined;
  return [key, parseValue(text.slice(at + 1).trim(), fallback)];
}

function parseValue(text: string, fallback: unknown): unknown {
  if (Array.isArray(fallback))
    return text
      .replace(/^\[|\]$/g, '')
      .split(',')
      .map(parseNumber);
  if (typeof fallback === 'boolean') return text === 'true' || (text === 'false' ? false : text);
  return typeof fallback === 'number' ? parseNumber(text) : text;
}

function parseNumber(text: string): number | string {
  return /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(text) ? Number(text) : text;
}
