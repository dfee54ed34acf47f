import { optionError } from '@gru4rec/checks';
import { DataError } from '@gru4rec/dataset';
import { ConfigError } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import { describeError, isUnexpected, reading } from '../../src/terminal/describe-error.ts';

describe('describeError', () => {
  const caused = (message: string, cause?: Error) => new Error(message, { cause });

  it.each([
    ['causes', caused('no model.', caused('no file', caused('disk gone'))), 'no model: no file: disk gone'],
    ['a cause that the message repeats', caused('a bad one: NaN', caused('NaN')), 'a bad one: NaN'],
    [
      'a longer cause whose first line the message has',
      caused(
        'got Out of Memory Error: 1 MB.',
        caused('Out of Memory Error: 1 MB\n\nPossible solutions:\n* more'),
      ),
      'got Out of Memory Error: 1 MB.',
    ],
    ['several lines', caused('Invalid values:\n  Argument: engine\n'), 'Invalid values: Argument: engine'],
    ['a name of a megabyte', caused('a'.repeat(2 ** 20)), `${'a'.repeat(4000)}…`],
    ['a cause without a message', caused('x', new RangeError()), 'x: RangeError'],
  ])('makes one line of %s', (_, error, line) => {
    expect(describeError(error)).toBe(line);
  });

  it('spells the options that packages name as the command line does', () => {
    const flaw = {
      caller: 'prepare',
      option: 'userColumn',
      problem: 'expected a name. Name it',
      remedy: 'testDays',
    };
    const cause = optionError(TypeError, flaw);
    expect(describeError(new Error('no data', { cause }))).toBe(
      'no data: --columns user expected a name. Name it (--test).',
    );
    const other = { caller: 'createBaseline', option: 'steps', problem: 'expected 1, got 2.' };
    expect(describeError(optionError(RangeError, other))).toBe('createBaseline: "steps" expected 1, got 2.');
  });

  it('says that a runtime error is a bug, and what to do', () => {
    expect(describeError(new TypeError("Cannot read properties of null (reading 'x')"))).toBe(
      "Unexpected error: TypeError: Cannot read properties of null (reading 'x'). This is a mistake in this program: please report it, with what GRU4REC_DEBUG=1 adds",
    );
  });

  it.each([
    'Array buffer allocation failed',
    'WebAssembly.Memory(): could not allocate memory',
    'ENOMEM: not enough memory, read',
  ])('reports a lack of memory and what to do: %s', (message) => {
    const line = `Too little memory: model cannot be read: ${message}. Give the process more, or use smaller layers, fewer items or fewer threads`;
    expect(describeError(new Error('model cannot be read', { cause: new RangeError(message) }))).toBe(line);
  });
});

/** Errors that the runtime throws. */
const accidents: [name: string, run: () => unknown][] = [
  ['a method of nothing', () => (undefined as unknown as string).trim()],
  ['a stack that is full', () => JSON.stringify(JSON.parse(`${'['.repeat(1e5)}${']'.repeat(1e5)}`))],
  ['no JSON', () => JSON.parse('{"a":1,}')],
  ['a buffer out of range', () => Buffer.alloc(1).readInt32LE(9)],
];

describe('reading', () => {
  it.each(accidents)('names the file of %s, which is unexpected, in one line', async (_, run) => {
    const error = await reading('data/model.json', async () => run()).catch((thrown: unknown) => thrown);
    const line = describeError(error);
    expect(line).toMatch(/^Unexpected error while reading data\/model\.json: (Type|Range|Syntax)Error: ./);
    expect(line).toMatch(/GRU4REC_DEBUG=1 adds$/);
    expect(line).not.toContain('\n');
  });

  it.each([
    new DataError('readDataset: x'),
    new ConfigError('configuration: x'),
    new RangeError('train: "layers" expected a list, got 3'),
    new Error('ENOENT: no such file'),
  ])('keeps %s, and results', async (error) => {
    expect(isUnexpected(error)).toBe(false);
    await expect(reading('f', () => Promise.reject(error))).rejects.toBe(error);
    await expect(reading('f', async () => 3)).resolves.toBe(3);
  });
});
