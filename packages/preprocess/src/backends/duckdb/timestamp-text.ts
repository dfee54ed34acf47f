import { TimeUnit } from 'apache-arrow';

/** Microseconds in a unit; of nanoseconds, which are less, none. */
const microseconds: Readonly<Record<number, bigint>> = {
  [TimeUnit.SECOND]: 1_000_000n,
  [TimeUnit.MILLISECOND]: 1_000n,
  [TimeUnit.MICROSECOND]: 1n,
};
/** Beyond it, dates have no four digits of a year. */
const MAX_MS = 253_402_300_799_999n;
const MIN_MS = -62_135_596_800_000n;

/**
 * A time since 1970 as DuckDB writes it: `2014-04-02 10:30:00.25`, digits behind microseconds cut, with `+00` where
 * there is a time zone. A time in no year from 1 to 9999 stays a number, with words that make it no time.
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
