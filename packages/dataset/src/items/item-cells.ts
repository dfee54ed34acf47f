import type { ItemInfo } from './items-file.ts';

const SEPARATOR = '|';

/** Without blanks at its ends; a list as its values joined by `|`. Empty for anything else. */
export function cellOf({ fields }: ItemInfo, column: string): string {
  const value = fields[column];
  if (Array.isArray(value)) return value.map(textOf).join(SEPARATOR);
  return textOf(value);
}

function textOf(value: unknown): string {
  const isText = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isText ? String(value).trim() : '';
}

export function valuesOf(cell: string): string[] {
  if (!cell.includes(SEPARATOR)) return cell === '' ? [] : [cell];
  const values = cell.split(SEPARATOR).map((value) => value.trim());
  return [...new Set(values)].filter((value) => value !== '');
}

/** In lower case: runs of letters, marks and digits of any script. */
export function wordsOf(cell: string): string[] {
  return [...new Set(cell.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [])];
}

/** NaN for text that is no number. `007` is none: leading zeros are those of codes. */
export function numberOf(cell: string): number {
  if (!/^[-+]?(0|[1-9]\d*)(\.\d*)?(e[-+]?\d+)?$/i.test(cell)) return Number.NaN;
  const value = Number(cell);
  return Number.isFinite(value) ? value : Number.NaN;
}

/** A list of numbers that are not all whole: those of a vector, rather than codes or sizes. */
export function isVector(value: unknown): value is readonly number[] {
  if (!Array.isArray(value) || value.length < 2) return false;
  return value.every((part) => typeof part === 'number') && !value.every(Number.isInteger);
}

/** Lists, or texts with blanks, commas or `|` between numbers, in brackets or not. */
export function partsOf(info: ItemInfo, columns: readonly string[]): unknown[] {
  return columns.flatMap((name): unknown[] => {
    const value = info.fields[name] ?? '';
    if (Array.isArray(value)) return value;
    if (typeof value !== 'string') return [value];
    const text = value.replaceAll(/[[\]]/g, ' ').trim();
    return text === '' ? [] : text.split(/\s*[\s,|]\s*/);
  });
}
