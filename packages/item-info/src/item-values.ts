import type { ItemInfo } from './item-info.ts';

/** Separates several values of one cell. */
const SEPARATOR = '|';

/** A cell as text, without blanks at its ends; a list as its values joined by `|`. Empty for anything else. */
export function cellOf({ fields }: ItemInfo, column: string): string {
  const value = fields[column];
  if (Array.isArray(value)) return value.map(textOf).join(SEPARATOR);
  return textOf(value);
}

function textOf(value: unknown): string {
  const isText = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isText ? String(value).trim() : '';
}

/** The distinct values of a cell. */
export function valuesOf(cell: string): string[] {
  if (!cell.includes(SEPARATOR)) return cell === '' ? [] : [cell];
  const values = cell.split(SEPARATOR).map((value) => value.trim());
  return [...new Set(values)].filter((value) => value !== '');
}

/** The distinct words of a text in lower case: runs of letters, marks and digits of any script. */
export function wordsOf(cell: string): string[] {
  return [...new Set(cell.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [])];
}

/** NaN for text that is no number. `007` is none: leading zeros are those of codes. */
export function numberOf(cell: string): number {
  if (!/^[-+]?(0|[1-9]\d*)(\.\d*)?(e[-+]?\d+)?$/i.test(cell)) return Number.NaN;
  const value = Number(cell);
  return Number.isFinite(value) ? value : Number.NaN;
}
