import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandLine } from '../../src/terminal/command-line.ts';

describe('commandLine', () => {
  it('quotes only what a shell would not take as it is', () => {
    expect(commandLine(['compare', '--data', 'data', '--seeds', '1', '2'])).toBe(
      'trainer compare --data data --seeds 1 2',
    );
    expect(commandLine(['--models', 's-knn:{"neighbours":200}'])).toBe(
      `trainer --models 's-knn:{"neighbours":200}'`,
    );
    expect(commandLine(["it's", ''])).toBe(`trainer 'it'\\''s' ''`);
  });

  it.skipIf(process.platform === 'win32')('gives a shell the words back', () => {
    const word = fc.string({ maxLength: 12 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 4 }), (words) => {
        const script = `trainer() { for word; do printf '%s\\0' "$word"; done; }; ${commandLine(words)}`;
        const told = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' });
        expect(told.split('\0').slice(0, -1)).toEqual(words);
      }),
      { seed: 1, numRuns: 30 },
    );
  });
});
