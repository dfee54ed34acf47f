import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../run-trainer.ts';
import { useTinyModel } from '../tiny-shop.ts';

const folder = useTinyModel();
const inFolder = (name: string) => join(folder(), name);

beforeAll(async () => {
  const every = ['--session-length', '1..'];
  await runHere(folder(), 'prepare', '--input', 'clicks.tsv', '--output', 'all', ...every);
  writeFileSync(inFolder('other.csv'), 'SessionId,ItemId,Time\na,x,1\na,y,2\n');
  await runHere(folder(), 'prepare', '--input', 'other.csv', '--output', 'other');
});

const replayOf = async (...argv: string[]) =>
  runHere(folder(), 'replay', 'model', ...(argv.includes('--every') ? [] : ['--every', '6h']), ...argv);

describe('trainer replay', () => {
  it('prints figures of every next click of a log as JSON, for the learner and frozen by default', async () => {
    const { code, stdout, stderr } = await replayOf('--data', 'all', '--json');
    const warning =
      /^Warning: The model was trained on clicks up to then: --from \S+Z predicts only later ones\n$/;
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(warning) });
    const { contenders, cutoff } = JSON.parse(stdout);
    const rows = readFileSync(inFolder('clicks.tsv'), 'utf8').trim().split('\n').slice(1);
    const sessions = new Set(rows.map((row) => row.split('\t')[0]));
    const figures = {
      ...{ predictions: rows.length - sessions.size, recall: expect.any(Number), mrr: expect.any(Number) },
    };
    expect(cutoff).toBe(20);
    expect(contenders).toMatchObject([
      { name: 'learner', ...figures },
      { name: 'frozen', ...figures },
    ]);
    expect(contenders[0].recall).toBeGreaterThan(0.2);
  });

  it('predicts from the end of the training split of a dataset, and draws a page', async () => {
    const { code, stdout, stderr } = await replayOf(
      ...['--data', 'data', '--against', 'nightly', 'sr', '--html', 'replay.html', '--cutoff', '5'],
      ...['--learner', 'learningRate=0.05'],
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
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
    const { stdout, stderr, code } = await replayOf('--data', 'data', '--exclude-seen');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/ Lists have no items of their session: a repeated click is a miss\.\n$/);
  });

  it('warns of baselines that a log without earlier clicks gives nothing to know', async () => {
    const argv = ['--data', 'all', '--against', 'frozen', 'sr', 'v-sknn'];
    const warning = 'Warning: Nothing to fit sr, v-sknn to when the replay begins';
    expect((await replayOf(...argv)).stderr).toContain(warning);
    expect((await replayOf(...argv, '--from', '2024-03-09')).stderr).not.toContain(warning);
  });
});
