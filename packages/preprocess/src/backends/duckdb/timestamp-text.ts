import { TimeUnit } from 'apache-arrow';

/** Microseconds per unit. Nanoseconds, which are shorter, have no entry. */
const microseconds: Readonly<Record<number, bigint>> = {
  [TimeUnit.SECOND]: 1_000_000n,
  [TimeUnit.MILLISECOND]: 1_000n,
  [TimeUnit.MICROSECOND]: 1n,
};
/** The range in which years have four digits. */
const MAX_MS = 253_402_300_799_999n;
const MIN_MS = -62_135_596_800_000n;

/**
 * Formats a time since 1970 like DuckDB: `2014-04-02 10:30:00.25`, truncated to microseconds, with `+00` if there is a time
 * zone. A time outside the years 1 to 9999 becomes a text that is not a valid time.
 */
export function timestampText(value: bigint, unit: TimeUnit, hasZone: boolean): string {
  const factor = microseconds[unit];
  const us = factor === undefined ? floorDivide(value, 1000n) : value * factor;
  const ms = floorDivide(us, 1000n);
  if (ms > MAX_MS || ms < MIN_MS) return `${value} ${TimeUnit[unit]?.toLowerCase()}s since 1970`;
  const text = new Date(Number(ms)).toISOString();
  const fraction = `${text.slice(20, 23)}${String(us - ms * 1000n).padStart(3, '0')}`.replace(/0+$/, '');
  const point = fraction === '' ? '' : '.';
  return `${text.slice(0, 10)} ${text.slice(11, 19)}${point}${fraction}${hasZone ? '+00' : ''}`;
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value < 0n && quotient * by !== value ? quotient - 1n : quotient;
}
