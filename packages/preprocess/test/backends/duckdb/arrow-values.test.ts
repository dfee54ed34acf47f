import { TimeUnit } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { timestampText } from '../../../src/backends/duckdb/arrow-values.ts';

describe('timestampText', () => {
  it.each([
    [0n, TimeUnit.SECOND, false, '1970-01-01 00:00:00'],
    [1500n, TimeUnit.MILLISECOND, true, '1970-01-01 00:00:01.5+00'],
    [-1n, TimeUnit.MICROSECOND, false, '1969-12-31 23:59:59.999999'],
    [-1n, TimeUnit.NANOSECOND, false, '1969-12-31 23:59:59.999999'],
    [1_000_001n, TimeUnit.NANOSECOND, false, '1970-01-01 00:00:00.001'],
    [253_402_300_799n, TimeUnit.SECOND, false, '9999-12-31 23:59:59'],
    [253_402_300_800n, TimeUnit.SECOND, false, '253402300800 seconds since 1970'],
    [-(2n ** 63n), TimeUnit.MILLISECOND, true, '-9223372036854775808 milliseconds since 1970'],
  ])('writes %d in unit %d, zone %s, as %s', (value, unit, hasZone, text) => {
    expect(timestampText(value, unit, hasZone)).toBe(text);
  });
});
