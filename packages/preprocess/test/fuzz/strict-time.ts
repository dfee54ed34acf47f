import type { TimeUnit } from '../../src/index.ts';

const NUMBER = /^[ \t\n\v\f\r]*([+-]?)(\d+)?(?:\.(\d*))?(?:[eE]([+-]?\d+))?[ \t\n\v\f\r]*$/;
const ISO =
  /^ *(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?: ?(?:([Zz])|([+-])(\d\d)(?::?(\d\d))?))?)? *$/;

/** Guesses a time's unit and gives its milliseconds since 1970; undefined if it is not a time. */
export function guessTime(text: string): { unit: TimeUnit; ms: number } | undefined {
  for (const unit of ['s', 'ms', 'us', 'iso'] as const) {
    const ms = readTime(text, unit);
    if (ms !== undefined) return { unit, ms };
  }
  return undefined;
}

/** A time of a given unit in milliseconds since 1970; undefined if it is not a time. */
export function readTime(text: string, unit: TimeUnit): number | undefined {
  const exact = unit === 'iso' ? readIso(text) : readNumber(text);
  if (exact === undefined) return undefined;
  const whole = unit === 's' || unit === 'iso' ? BigInt(exact) : roundedBy(BigInt(exact), 1000n);
  const ms = unit === 'us' ? (whole + LIMIT_MS * 1000n + 500n) / 1000n - LIMIT_MS : whole;
  return ms > -LIMIT_MS && ms < LIMIT_MS ? Number(ms) : undefined;
}

/** This is in the year 5138. */
const LIMIT_MS = 10n ** 14n;

/** A decimal number in thousandths. */
function readNumber(text: string): bigint | undefined {
  const found = NUMBER.exec(text);
  if (found === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = found;
  if (`${whole}${fraction}` === '') return undefined;
  const shift = Number(exponent) + 3 - fraction.length;
  const digits = BigInt(`${whole}${fraction}`);
  if (digits === 0n) return 0n;
  if (shift > 400) return undefined;
  const size =
    shift >= 0
      ? digits * 10n ** BigInt(shift)
      : shift < -4000
        ? 0n
        : roundedBy(digits, 10n ** BigInt(-shift));
  return sign === '-' ? -size : size;
}

/** Rounds half away from zero. */
function roundedBy(value: bigint, by: bigint): bigint {
  return value < 0n ? -((-value + by / 2n) / by) : (value + by / 2n) / by;
}

function readIso(text: string): number | undefined {
  const found = ISO.exec(text);
  if (found === null) return undefined;
  const [
    ,
    year,
    month,
    day,
    hour = '0',
    minute = '0',
    second = '0',
    fraction = '',
    ,
    sign,
    zh = '0',
    zm = '0',
  ] = found;
  const [h, m, s, zoneHour, zoneMinute] = [hour, minute, second, zh, zm].map(Number);
  if (h > 23 || m > 59 || s > 59 || zoneHour > 14 || zoneMinute > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  const zone = (zoneHour * 60 + zoneMinute) * (sign === '-' ? -1 : 1);
  const ms = Math.floor(Number(BigInt(`${fraction}0000`.slice(0, 4)) + 5n) / 10);
  return date.getTime() + ((h * 60 + m - zone) * 60 + s) * 1000 + ms;
}
