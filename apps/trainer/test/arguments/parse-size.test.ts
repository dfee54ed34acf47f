import { describe, expect, it } from 'vitest';
import { parseSize } from '../../src/arguments/parse-size.ts';

describe('parseSize', () => {
  it('reads sizes by thousands and by 1024', () => {
    expect(['1KB', '500MB', '1.5 gb', '2TB'].map((size) => parseSize('max-unpacked', size))).toEqual([
      1000, 5e8, 1.5e9, 2e12,
    ]);
    expect(['1KiB', '1GiB'].map((size) => parseSize('max-unpacked', size))).toEqual([1024, 2 ** 30]);
  });

  it.each(['', '5', 'GB', '0MB', '-1GB', '1PB', '1e3MB', '99999999999TB'])('refuses %j', (size) => {
    expect(() => parseSize('max-unpacked', size)).toThrow(
      `--max-unpacked expected a size such as 500MB or 50GB, got ${JSON.stringify(size)}`,
    );
  });
});
