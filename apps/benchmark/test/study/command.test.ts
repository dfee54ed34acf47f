import { describe, expect, it } from 'vitest';
import { runStudyCommand } from '../../src/study/command.ts';
import { type PresetRow, presetMarkdown } from '../../src/study/preset-table.ts';

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
  it('has help with its defaults', async () => {
    const { status, printed } = await run('--help');
    expect(status).toBe(0);
    expect(printed.replaceAll(/\s+/g, ' ')).toMatch(/Hours of tuning, .*\[number\] \[default: 8\]/);
  });

  it.each([
    [['--only', 'movies'], 'Invalid values'],
    [['--budget', '0'], 'study: --budget expected hours > 0, got 0'],
    [['--budget', 'x'], 'study: --budget expected hours > 0, got NaN'],
    [['--seeds', '1', 'a'], 'study: --seeds expected integers ≥ 0, got 1 a'],
    [['--threads', '0'], 'study: --threads expected an integer ≥ 1, got 0'],
    [['--buget', '1'], 'Unknown argument'],
  ])('refuses %j with 2', async (words, message) => {
    expect(await run(...words)).toMatchObject({ status: 2, message: expect.stringContaining(message) });
  });
});

describe('presetMarkdown', () => {
  it('has a row per data set: the presets, the tuned model of the study, and the best untuned neighbour', () => {
    const row: PresetRow = {
      data: 'shop',
      presets: [
        { name: 'best', recall: 0.5, mrr: 0.25 },
        { name: 'fast', recall: 0.4, mrr: 0.2 },
      ],
      known: { name: 'GRU4Rec', recall: 0.6, mrr: 0.3 },
      neighbour: { name: 'STAN', recall: 0.45, mrr: 0.125 },
    };
    expect(presetMarkdown([row, { ...row, data: 'globo', known: undefined }]).split('\n')).toEqual([
      '| data | `best` | `fast` | tuned on it | best neighbour |',
      '| --- | --- | --- | --- | --- |',
      '| shop | 0.5000 / 0.2500 | 0.4000 / 0.2000 | 0.6000 / 0.3000 (GRU4Rec) | 0.4500 / 0.1250 (STAN) |',
      '| globo | 0.5000 / 0.2500 | 0.4000 / 0.2000 |  | 0.4500 / 0.1250 (STAN) |',
    ]);
  });
});
