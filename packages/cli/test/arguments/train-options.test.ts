import { UsageError } from '@gru4rec/checks';
import { describe, expect, it } from 'vitest';
import { checkpointEvery } from '../../src/arguments/train-options.ts';

describe('checkpointEvery', () => {
  it.each([
    ['500', { steps: 500 }],
    ['10m', { minutes: 10 }],
    ['2h', { minutes: 2 * 60 }],
  ])('reads %s', (text, every) => {
    expect(checkpointEvery(text, '--checkpoint-every')).toEqual(every);
  });

  it.each(['0', '0m', '-1', '1.5h', '10s', 'm', '1e3', '99999999999999999999'])('refuses %s', (text) => {
    expect(() => checkpointEvery(text, '--checkpoint-every')).toThrow(
      new UsageError(
        `--checkpoint-every expected steps (500), minutes (10m) or hours (1h), got ${JSON.stringify(text)}`,
      ),
    );
  });
});
