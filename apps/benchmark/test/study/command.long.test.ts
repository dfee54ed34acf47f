import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '@gru4rec/model';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runStudyCommand } from '../../src/study/command.ts';

const output = mkdtempSync(join(tmpdir(), 'study-'));
const folder = join(output, 'shop');

async function run(...words: string[]) {
  const [lines, printed]: [string[], string[]] = [[], []];
  const tiny = ['--only', 'shop', '--shop-events', '1500', '--shop-items', '40', '--threads', '1'];
  const status = await runStudyCommand([...tiny, ...words, '--output', output], {
    resolvePath: String,
    print: (line) => void printed.push(line),
    complain: (line) => void lines.push(line),
  });
  return { status, lines, printed: printed.join('\n') };
}

/** Rows of the table of results, by name, with their runs. */
const modelsOf = () => {
  const { models } = JSON.parse(readFileSync(join(folder, 'report', 'report.json'), 'utf8'));
  return models as { name: string; runs: number; results: { mrr: { mean: number } }[] }[];
};

describe('study', () => {
  it('tunes and compares every method and a mix, and finds the trials of an earlier run', async () => {
    onTestFinished(() => rmSync(output, { recursive: true, force: true }));
    const quick = ['--budget', '0.0005', '--seeds', '1'];
    expect((await run(...quick)).status).toBe(0);
    const models = modelsOf();
    expect(models).toHaveLength(15);
    for (const { name, results } of models) expect(results[0]?.mrr.mean, name).toBeGreaterThan(0);
    expect(models.filter(({ name }) => name.includes(' + '))).toHaveLength(1);
    const file = join(folder, 'configs', 'shop-gru4rec-bpr-max.json');
    const config = parseConfig(JSON.parse(readFileSync(file, 'utf8')));
    expect(config).toMatchObject({ loss: 'bpr-max', tunedOn: expect.stringMatching(/^\w{64}$/) });
    const studies = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
    expect(studies).toHaveLength(11);
    const trials = () => studies.map((name) => readFileSync(join(folder, name), 'utf8'));
    const before = trials();
    expect((await run(...quick)).status).toBe(0);
    expect(trials()).toEqual(before);

    const { status, printed } = await run('--presets', '--seeds', '1', '2');
    expect(status).toBe(0);
    expect(
      modelsOf()
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...['GRU4Rec best', 'GRU4Rec fast', 'S-KNN', 'STAN', 'V-SKNN', 'VSTAN']]);
    expect(printed).toContain('| GRU4Rec fast |');
  }, 600_000);
});
