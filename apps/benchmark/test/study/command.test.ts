import { describe, expect, it, onTestFinished, vi } from 'vitest';
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
  it('asks for the programs of --peers that are not installed', async () => {
    vi.stubEnv('GRU4REC_PEERS', '/nowhere');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { status, message } = await run('--peers', 'sasrec');
    expect({ status, message }).toEqual({
      status: 1,
      message: 'study: rectools not installed; run: pnpm --filter benchmark peers --only rectools',
    });
  });

  it.each([
    [['--only', 'movies'], 'Invalid values'],
    [['--budget', 'x'], 'study: --budget expected hours > 0, got NaN'],
    [['--seeds', '1', 'a'], 'study: --seeds expected integers ≥ 0, got 1 a'],
  ])('refuses %j with 2', async (words, message) => {
    expect(await run(...words)).toMatchObject({ status: 2, message: expect.stringContaining(message) });
  });
});
