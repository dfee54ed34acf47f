import { UsageError } from '@gru4rec/checks';
import { describe, expect, it } from 'vitest';
import { parseSampleSize } from '../../src/arguments/evaluation.ts';

describe('parseSampleSize', () => {
  it.each([
    ['1', { sessions: 1 }],
    ['5000', { sessions: 5000 }],
    ['10%', { share: 0.1 }],
    ['0.5%', { share: 0.005 }],
    ['100%', { share: 1 }],
  ])('parses %s', (text, size) => {
    expect(parseSampleSize(text, '--sample')).toEqual(size);
  });

  it.each(['0', '1.5', '0%', '101%', '%', 'all', '9007199254740993'])('refuses %s', (text) => {
    expect(() => parseSampleSize(text, '--sample')).toThrow(
      new UsageError(
        `--sample expected a number of sessions ≥ 1 or a share such as 10%, got ${JSON.stringify(text)}`,
      ),
    );
  });
});
