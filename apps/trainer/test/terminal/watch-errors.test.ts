import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { watchErrors } from '../../src/terminal/watch-errors.ts';
import { Sink } from '../run-trainer.ts';

function thrown(error: unknown, debug = false) {
  const [source, stderr] = [new EventEmitter(), new Sink()];
  const codes: number[] = [];
  watchErrors(source, { stderr, debug }, (code) => codes.push(code));
  source.emit('uncaughtException', error);
  return { text: stderr.text, codes };
}

describe('watchErrors', () => {
  it('ends with 1 and a line, without a stack', () => {
    const { text, codes } = thrown(new TypeError('x is not a function\u001b[2J'));
    expect(codes).toEqual([1]);
    expect(text).toMatch(
      /^Unexpected error: TypeError: x is not a function\\x1b\[2J\. This is a mistake .*\n$/,
    );
  });

  it('adds the stack where it is asked for', () => {
    expect(thrown(new TypeError('x'), true).text).toMatch(/\n {4}at .*watch-errors\.test/);
  });
});
