import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '@gru4rec/model';
import type { StudyRow } from '@gru4rec/report';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runStudyCommand } from '../../src/study/command.ts';

const tiny = ['--only', 'shop', '--shop-events', '1500', '--shop-items', '40'];
const quick = ['--budget', '0.0005', '--seeds', '1', '2', '--threads', '1'];

async function run(output: string, ...words: string[]) {
  const lines: string[] = [];
  const printed: string[] = [];
  const status = await runStudyCommand([...words, '--output', output], {
    resolvePath: (path) => path,
    print: (line) => void printed.push(line),
    complain: (line) => void lines.push(line),
    signal: new AbortController().signal,
  });
  return { status, lines, printed: printed.join('\n') };
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'study-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('study', () => {
  it('tunes, tests and reports every method, and reads all of it from the cache again', async () => {
    const output = join(makeFolder(), 'study');
    const { status, printed, lines } = await run(output, ...tiny, ...quick);
    expect(status).toBe(0);
    const report = JSON.parse(readFileSync(join(output, 'study.json'), 'utf8'));
    const [{ rows, claim, leads, predictions }] = report.sections;
    expect(rows).toHaveLength(17);
    expect(predictions).toBeGreaterThan(0);
    for (const { name, family, recall, mrr, runs, tuning } of rows) {
      expect(recall.interval[0], name).toBeLessThanOrEqual(recall.mean);
      expect(mrr.mean, name).toBeGreaterThan(0);
      expect(runs, name).toBe(family === 'baseline' ? 1 : 2);
      if (family === 'mix') continue;
      const score = (of: { recall: number; mrr: number }) => of.recall + of.mrr;
      expect(score(tuning.tuned), name).toBeGreaterThanOrEqual(score(tuning.untuned));
      if (name === 'VSTAN' || family === 'gru4rec') {
        expect(tuning.screened, name).toBeGreaterThan(0);
        expect(tuning.full, name).toBeGreaterThan(0);
      }
    }
    const means = (of: string, order: (row: StudyRow) => number) =>
      (rows as StudyRow[]).filter(({ family }) => family === of).sort((x, y) => order(y) - order(x))[0]?.mrr
        .mean ?? 0;
    const onValidation = ({ tuning }: StudyRow) => (tuning ? tuning.tuned.recall + tuning.tuned.mrr : 0);
    const lead = means('gru4rec', onValidation) - means('baseline', ({ mrr }) => mrr.mean);
    expect(leads.mrr.difference).toBeCloseTo(lead, 10);
    expect(claim.baseline).toBe('item-KNN');
    expect(claim.withoutRepeats.model.recall).toBeLessThan(claim.withRepeats.model.recall);
    expect(printed).toContain('| best mix |');
    expect(readFileSync(join(output, 'study.html'), 'utf8')).toContain('as measured');
    const configs = readdirSync(join(output, 'configs')).sort();
    expect(configs).toEqual([
      'shop-baselines.json',
      ...['cross-entropy-repeats', 'cross-entropy', 'bpr-max-repeats', 'bpr-max']
        .map((id) => `shop-gru4rec-${id}.json`)
        .sort(),
    ]);
    const config = JSON.parse(readFileSync(join(output, 'configs', 'shop-gru4rec-bpr-max.json'), 'utf8'));
    expect(parseConfig(config)).toMatchObject({
      loss: 'bpr-max',
      tunedOn: expect.stringMatching(/^\w{64}$/),
    });
    expect(lines.some((line) => line.includes('tuning VSTAN'))).toBe(true);
    expect(lines.filter((line) => line.includes('recorded'))).toEqual([]);

    const again = await run(output, ...tiny, ...quick);
    expect(again.lines.filter((line) => line.includes('tuning'))).toEqual([]);
    expect(again.printed).toBe(printed);
  });
});
