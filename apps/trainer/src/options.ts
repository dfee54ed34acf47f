import type { Options } from 'yargs';
import { type EngineName, engineNames } from './engines.ts';
import { UsageError } from './usage-error.ts';

type Coerce<T> = (value: unknown) => T;

/** A text that is not empty and given at most once. */
export function once(name: string): Coerce<string> {
  return (value) => {
    if (Array.isArray(value))
      throw new UsageError(`--${name} is given ${value.length} times; once is allowed`);
    if (value === '') throw new UsageError(`--${name} expected a text, got an empty one`);
    return value as string;
  };
}

/** An integer ≥ `minimum` that is given at most once; typed as text, so that nothing is rounded in between. */
export function integer(name: string, minimum: number): Coerce<number | undefined> {
  return (value) => (value === undefined ? undefined : parseInteger(name, minimum, once(name)(value)));
}

/** A list of integers ≥ `minimum`, separated by blanks or commas. */
export function integers(name: string, minimum: number): Coerce<number[]> {
  return (value) => {
    const texts = (value as string[]).flatMap((text) => text.split(',')).filter((text) => text !== '');
    if (texts.length === 0) throw new UsageError(`--${name} expected integers ≥ ${minimum}, got none`);
    return [...new Set(texts.map((text) => parseInteger(name, minimum, text)))];
  };
}

function parseInteger(name: string, minimum: number, text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value) && value >= minimum) return value;
  throw new UsageError(`--${name} expected an integer ≥ ${minimum}, got ${JSON.stringify(text)}`);
}

/** A path, or another text, that must be given once. */
export function requiredText(
  name: string,
  describe: string,
): Options & { type: 'string'; demandOption: true } {
  return { type: 'string', demandOption: true, requiresArg: true, describe, coerce: once(name) };
}

/** `--engine`. */
export const engineOption: Options & { choices: readonly EngineName[]; default: EngineName } = {
  choices: engineNames,
  default: 'wasm',
  requiresArg: true,
  describe: 'What computes: SIMD kernels, or the slow float64 reference',
};
