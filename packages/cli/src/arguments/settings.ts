import { UsageError } from '@gru4rec/checks';
import { configDefaults, configProblem } from '@gru4rec/model';

/** By the type of the key's default; digits are a number if a key takes both. Others stay texts, which `parseConfig` refuses. */
export function parseSettings(texts: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(texts.map(parseSetting));
}

const MAIN_KEYS = [
  'loss',
  'cell',
  'layers',
  'batchSize',
  'nSample',
  'optimizer',
  'learningRate',
  'nEpochs',
  'seed',
];

export function changedSettings(config: object): Record<string, unknown> {
  const isDefault = ([key, value]: [string, unknown]) =>
    JSON.stringify(value) === JSON.stringify(configDefaults[key as keyof typeof configDefaults]);
  return Object.fromEntries(Object.entries(config).filter((entry) => !isDefault(entry)));
}

export function shownSettings(config: object): Record<string, string> {
  const main = MAIN_KEYS.flatMap((key) => Object.entries(config).filter(([name]) => name === key));
  const shown = { ...Object.fromEntries(main), ...changedSettings(config) };
  return Object.fromEntries(Object.entries(shown).map(([key, value]) => [key, String(value)]));
}

function parseSetting(text: string): [key: string, value: unknown] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`--set expected key=value, got ${JSON.stringify(text)}`);
  const key = text.slice(0, at).trim();
  const fallback = Object.hasOwn(configDefaults, key)
    ? configDefaults[key as keyof typeof configDefaults]
    : undefined;
  const value = parseValue(text.slice(at + 1).trim(), fallback);
  const number = typeof value === 'string' && configProblem(key, value) ? parseNumber(value) : value;
  return [key, configProblem(key, number) ? value : number];
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
