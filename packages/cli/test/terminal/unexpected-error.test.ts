import { ConfigError } from '@gru4rec/model';
import { DataError } from '@gru4rec/sessions';
import { describe, expect, it } from 'vitest';
import { describeError } from '../../src/terminal/describe-error.ts';
import { isUnexpected, reading } from '../../src/terminal/unexpected-error.ts';

/** Errors that the runtime throws. */
const accidents: [name: string, run: () => unknown][] = [
  ['a method of nothing', () => (undefined as unknown as string).trim()],
  ['a stack that is full', () => JSON.stringify(JSON.parse(`${'['.repeat(1e5)}${']'.repeat(1e5)}`))],
  ['a list too long', () => new Array(-1)],
  ['digits out of range', () => (1).toFixed(-1)],
  ['no JSON', () => JSON.parse('{"a":1,}')],
  ['a buffer out of range', () => Buffer.alloc(1).readInt32LE(9)],
];

function thrownBy(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

describe('isUnexpected', () => {
  it.each(accidents)('is true of %s', (_, run) => {
    expect(isUnexpected(thrownBy(run))).toBe(true);
  });

  it.each([
    new DataError('readDataset: x'),
    new ConfigError('configuration: x'),
    new RangeError('train: "layers" expected a list, got 3'),
    new TypeError('createBaseline: there is none'),
    new Error('ENOENT: no such file'),
  ])('is false of %s', (error) => {
    expect(isUnexpected(error)).toBe(false);
  });
});

describe('reading', () => {
  it.each(accidents)('names the file of %s, in one line', async (_, run) => {
    const error = await reading('data/model.json', async () => run()).catch((thrown: unknown) => thrown);
    const line = describeError(error);
    expect(line).toMatch(/^Unexpected error while reading data\/model\.json: (Type|Range|Syntax)Error: ./);
    expect(line).toMatch(/GRU4REC_DEBUG=1 adds$/);
    expect(line).not.toContain('\n');
  });

  it('keeps other errors and results', async () => {
    const error = new DataError('x');
    await expect(reading('f', () => Promise.reject(error))).rejects.toBe(error);
    await expect(reading('f', async () => 3)).resolves.toBe(3);
  });

  it('reports a lack of memory, with the file', async () => {
    const error = await reading('f', () =>
      Promise.reject(new RangeError('Array buffer allocation failed')),
    ).catch((thrown: unknown) => thrown);
    expect(describeError(error)).toMatch(/^Too little memory: while reading f: RangeError: Array buffer/);
  });
});
