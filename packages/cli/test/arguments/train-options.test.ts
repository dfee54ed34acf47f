import { UsageError } from '@gru4rec/checked-options';
import { describe, expect, it } from 'vitest';
import { checkpointEvery } from '../../src/arguments/train-options.ts';
import { makeFolder, runHere } from '../run-trainer.ts';

describe('checkpointEvery', () => {
  it.each([
    ['500', { steps: 500 }],
    ['10m', { minutes: 10 }],
    ['2h', { minutes: 2 * 60 }],
  ])('reads %s', (text, every) => {
    expect(checkpointEvery(text)).toEqual(every);
  });

  it.each(['0', '0m', '-1', '1.5h', '10s', 'm', '1e3', '99999999999999999999'])('refuses %s', (text) => {
    expect(() => checkpointEvery(text)).toThrow(
      new UsageError(
        `--checkpoint-every expected steps (500), minutes (10m) or hours (1h), got ${JSON.stringify(text)}`,
      ),
    );
  });
});

describe('withTrainOptions', () => {
  it.each([
    [
      ['--checkpoint-every', '0'],
      '--checkpoint-every expected steps (500), minutes (10m) or hours (1h), got "0"',
    ],
    [['--checkpoint-every', '1', '--checkpoint-every', '2'], '--checkpoint-every is given 2 times'],
  ])('makes train refuse %j', async (options, text) => {
    const { code, stderr } = await runHere(makeFolder(), 'train', 'd', '--output', 'o', ...options);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(text) });
  });
});
