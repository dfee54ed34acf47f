import { describe, expect, it } from 'vitest';
import { runStudyCommand } from '../../src/study/command.ts';

async function run(...words: string[]) {
  const [printed, lines]: [string[], string[]] = [[], []];
  const status = await runStudyCommand(words, {
    resolvePath: (path) => `/nowhere/${path}`,
    print: (line) => void printed.push(line),
    complain: (line) => void lines.push(line),
    signal: new AbortController().signal,
  });
  return { status, printed: printed.join('\n'), message: lines.join('\n') };
}

describe('the command line of study', () => {
  it.each([
    [['--only', 'movies'], 'Invalid values'],
    [['--budget', 'x'], 'study: --budget expected hours > 0, got NaN'],
    [['--seeds', '1', 'a'], 'study: --seeds expected integers ≥ 0, got 1 a'],
  ])('refuses %j with 2', async (words, message) => {
    expect(await run(...words)).toMatchObject({ status: 2, message: expect.stringContaining(message) });
  });
});
