import { describe, expect, it } from 'vitest';
import { describeError } from '../../src/terminal/describe-error.ts';

describe('describeError', () => {
  it('joins the messages of the causes', () => {
    const error = new Error('no model.', { cause: new Error('no file', { cause: 'disk gone' }) });
    expect(describeError(error)).toBe('no model: no file: disk gone');
  });

  it('does not repeat what the line says already', () => {
    expect(describeError(new Error('a bad one: NaN', { cause: new Error('NaN') }))).toBe('a bad one: NaN');
  });

  it('leaves out a longer cause whose first line is there', () => {
    const cause = new Error('Out of Memory Error: 1 MB\n\nPossible solutions:\n* more');
    expect(describeError(new Error('got Out of Memory Error: 1 MB.', { cause }))).toBe(
      'got Out of Memory Error: 1 MB.',
    );
  });

  it('makes one line of several', () => {
    expect(describeError(new Error('Invalid values:\n  Argument: engine\n'))).toBe(
      'Invalid values: Argument: engine',
    );
  });

  it('names an error without message', () => {
    expect(describeError(new Error('x', { cause: new RangeError() }))).toBe('x: RangeError');
  });

  it('says that nobody foresaw an error of the runtime, and what to do', () => {
    expect(describeError(new TypeError("Cannot read properties of null (reading 'x')"))).toBe(
      "Unexpected error: TypeError: Cannot read properties of null (reading 'x'). This is a mistake in this program: please report it, with what GRU4REC_DEBUG=1 adds",
    );
  });

  it.each([
    'Array buffer allocation failed',
    'WebAssembly.Memory(): could not allocate memory',
    'ENOMEM: not enough memory, read',
  ])('tells too little memory and what can be done: %s', (message) => {
    const line = `Too little memory: model cannot be read: ${message}. Give the process more, or take smaller layers, fewer items or fewer threads`;
    expect(describeError(new Error('model cannot be read', { cause: new RangeError(message) }))).toBe(line);
  });
});
