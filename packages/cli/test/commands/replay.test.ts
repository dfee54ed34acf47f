import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ok } from '../run-trainer.ts';
import { useTinyModel } from '../tiny-shop.ts';

const folder = useTinyModel();
const inFolder = (name: string) => join(folder(), name);

beforeAll(async () => {
  await ok(folder(), 'prepare --input clicks.tsv --output all --session-length 1..');
});

const replayOf = (line: string) => ok(folder(), `replay model --every 6h --data ${line}`);

describe('trainer replay', () => {
  it('prints figures of every next click of a log as JSON, for the learner and frozen by default', async () => {
    const { stdout, stderr } = await replayOf('all --json');
    expect(stderr).toMatch(
      /^Warning: The model was trained on clicks up to then: --from \S+Z predicts only later ones\n$/,
    );
    const { contenders, cutoff } = JSON.parse(stdout);
    const rows = readFileSync(inFolder('clicks.tsv'), 'utf8').trim().split('\n').slice(1);
    const sessions = new Set(rows.map((row) => row.split('\t')[0]));
    const predictions = rows.length - sessions.size;
    expect(cutoff).toBe(20);
    expect(contenders).toMatchObject([
      { name: 'learner', predictions, mrr: expect.any(Number) },
      { name: 'frozen', predictions },
    ]);
    expect(contenders[0].recall).toBeGreaterThan(0.2);
  });

  it('predicts from the end of the training split of a dataset, and draws a page', async () => {
    const { stdout, stderr } = await replayOf(
      'data --against nightly sr --html replay.html --cutoff 5 --learner learningRate=0.05',
    );
    expect(stderr).toBe('');
    expect(stdout).toMatch(/recall@5 .*MRR@5 .* learner’s gain /);
    expect(stdout).toMatch(/ −?0\.\d{4} │ +−?0\.\d{4} to −?0\.\d{4} /);
    for (const name of ['learner', 'nightly', 'sr']) expect(stdout).toContain(`│ ${name} `);
    const test = JSON.parse(readFileSync(inFolder('data/dataset.json'), 'utf8')).counts.splits.test;
    const [, predictions] = /^([\d,]+) predictions, /m.exec(stdout) ?? [];
    expect(Number(predictions?.replace(',', ''))).toBeLessThanOrEqual(test.events - test.sessions);
    const page = readFileSync(inFolder('replay.html'), 'utf8');
    expect(page).toContain('<svg id="replay-recall"');
    expect(page).not.toContain('<script');
  });

  it('leaves the items of the session out of all lists', async () => {
    const { stdout } = await replayOf('data --exclude-seen');
    expect(stdout).toMatch(/ Lists have no items of their session: a repeated click is a miss\.\n$/);
  });

  it('warns of baselines that a log without earlier clicks gives nothing to know', async () => {
    const warning = 'Warning: Nothing to fit sr, pop to when the replay begins';
    expect((await replayOf('all --to 2024-03-03 --against sr pop')).stderr).toContain(warning);
    expect((await replayOf('all --from 2024-03-09 --against sr pop')).stderr).not.toContain(warning);
  });
});
