import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runResultsCommand } from '../../src/results/command.ts';
import { parseRecorded, readRecorded, recordName, recordRun } from '../../src/results/record.ts';
import { recordStudy } from '../../src/results/study-record.ts';
import { comparison, emptyRun, emptySection, point } from './rows.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'benchmark-results-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function run(...words: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const status = await runResultsCommand(words, {
    print: (text) => out.push(text),
    complain: (text) => err.push(text),
    folder,
    markdownFile: join(folder, 'RESULTS.md'),
  });
  return { status, out: out.join('\n'), err: err.join('\n') };
}

describe('recordRun', () => {
  it('keeps runs of one machine and day in one file, the same command once', () => {
    expect(recordName(emptyRun.environment)).toBe('2026-01-02-amd-epyc-2-cores');
    expect(recordRun(emptyRun, folder)).toBe('recorded in results/2026-01-02-amd-epyc-2-cores.json');
    recordRun({ ...emptyRun, command: 'another' }, folder);
    recordRun({ ...emptyRun, comparisons: [comparison] }, folder);
    const [file] = readRecorded(folder);
    expect(file?.runs.map(({ command }) => command)).toEqual(['another', emptyRun.command]);
    expect(file?.runs[1]?.comparisons).toEqual([comparison]);
  });
});

describe('readRecorded', () => {
  it('gives the newest day first, and nothing without results', () => {
    for (const date of ['2026-01-02', '2026-03-01', '2025-12-31']) {
      recordRun({ ...emptyRun, environment: { ...emptyRun.environment, date } }, folder);
    }
    expect(readRecorded(folder).map(({ name }) => name.slice(0, 10))).toEqual([
      '2026-03-01',
      '2026-01-02',
      '2025-12-31',
    ]);
    expect(readRecorded(join(folder, 'nowhere'))).toEqual([]);
  });

  it('refuses another format', () => {
    expect(() => parseRecorded('{"format":9}', 'a.json')).toThrow(
      'results: a.json expected { format: 1, runs: […] }, got format 9',
    );
  });
});

describe('runResultsCommand', () => {
  it('writes the page and a plot of a sweep', async () => {
    const sweep = [point('items', 1_000, 400), point('items', 10_000, 600), point('threads', 1, 900)];
    recordRun({ ...emptyRun, sweep }, folder);
    expect(await run()).toEqual({ status: 0, out: 'RESULTS.md from 1 recorded file', err: '' });
    const plot = readFileSync(join(folder, '2026-01-02-amd-epyc-2-cores.svg'), 'utf8');
    expect(plot).toMatch(/^<svg[\s\S]*<\/svg>\n$/);
    for (const text of ['items: µs per step', 'threads: µs per step', '10,000', '600'])
      expect(plot).toContain(`>${text}</text>`);
  });

  it('starts with the recorded study and its remarks', async () => {
    const [configs, target] = [join(folder, 'tuned'), join(folder, 'configs')];
    mkdirSync(configs);
    const record = (name: string, threads: number) => {
      const section = { ...emptySection, name, origin: { threads } };
      writeFileSync(join(configs, `${name}.json`), '{}');
      recordStudy({ sections: [section] }, configs, { order: ['news', 'shop'], root: folder, target });
    };
    record('shop', 1);
    record('news', 1);
    record('shop', 2);
    writeFileSync(join(folder, 'study', 'remarks.md'), 'A baseline wins.\n');
    await run();
    const page = readFileSync(join(folder, 'RESULTS.md'), 'utf8');
    expect(page).toContain(
      '## Accuracy\n\nA baseline wins.\n\n### Session-based recommendation on news, shop\n',
    );
    expect(page).toContain('#### Where this comes from');
    expect(page).toContain('| threads | 1 | 2 |');
    expect(readdirSync(target)).toEqual(['news.json', 'shop.json']);
    record('shop', 2);
    const { sections } = JSON.parse(readFileSync(join(folder, 'study', 'report.json'), 'utf8'));
    expect(sections[1].earlier).toEqual([{ rows: [], tuningSeconds: 60, origin: { threads: 1 } }]);
  });

  it('reports whether the page matches the figures', async () => {
    recordRun(emptyRun, folder);
    expect(await run('--check')).toMatchObject({ status: 1 });
    await run();
    expect(await run('--check')).toEqual({ status: 0, out: '', err: '' });
    writeFileSync(join(folder, 'RESULTS.md'), 'edited');
    expect((await run('--check')).err).toContain('RESULTS.md is not what the recorded figures give');
  });

  it('gives 2 for options there are not', async () => {
    expect((await run('--fast')).status).toBe(2);
  });
});
