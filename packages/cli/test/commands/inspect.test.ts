import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runHere } from '../run-trainer.ts';
import { useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop();
const inspect = (...argv: string[]) => runHere(folder(), 'inspect', ...argv);

const NUMBER = expect.any(Number);
const REPEATS = { anyBefore: NUMBER, justBefore: NUMBER, reloads: NUMBER };
const PAIR = { log: NUMBER, shuffled: NUMBER };

describe('trainer inspect', () => {
  it('describes a dataset, and says what to do', async () => {
    const { code, stdout, stderr } = await inspect('data');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^data: 60 items, train 260 sessions of 1,503 events, test 66 sessions of 395 events\n/,
    );
    expect(stdout).toContain(
      '- 66 held-out sessions are too few to tell whether the order of clicks matters',
    );
    expect(stdout).toMatch(
      /\nOrder, recall@20 of the log and with shuffled sessions: SR 0\.\d{3} and 0\.\d{3}; GRU/,
    );
    expect(stdout).toMatch(
      /\n {2}\d+\.\d % of its sessions of three distinct items or more have exactly the items of a training session\n/,
    );
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThan(260);
  });

  it('prints all figures as JSON, the same each time', async () => {
    const { stdout } = await inspect('data', '--json');
    const found = JSON.parse(stdout);
    expect(found).toEqual({
      ...{ format: 'gru4rec-inspection', version: 1, data: 'data', items: 60, coldItems: 0 },
      splits: expect.anything(),
      lengths: { mean: NUMBER, median: NUMBER, longest: NUMBER, groups: expect.any(Array) },
      concentration: { gini: NUMBER, top1: NUMBER, top10: NUMBER, rare: NUMBER, lorenz: expect.any(Array) },
      repeats: REPEATS,
      time: { fromMs: NUMBER, toMs: NUMBER, periodMs: NUMBER, counts: expect.any(Array) },
      lifetime: { medianDays: NUMBER, withinDay: NUMBER },
      heldOut: { split: 'test', unseen: 0, duplicates: NUMBER, laterTraining: 0, repeats: REPEATS },
      order: { trainSessions: 260, testSessions: 66, rules: PAIR, gru: PAIR },
      advice: expect.any(Array),
    });
    expect(found.splits).toEqual({
      train: { sessions: 260, events: 1503 },
      test: { sessions: 66, events: 395 },
    });
    expect((await inspect('data', '--json')).stdout).toBe(stdout);
  });

  it('trains nothing with --no-order', async () => {
    const { stdout } = await inspect('data', '--no-order', '--json');
    expect(JSON.parse(stdout)).not.toHaveProperty('order');
  });

  it('writes a page without scripts', async () => {
    const { code, stderr } = await inspect('data', '--no-order', '--html', 'data.html');
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'The page is data.html\n' });
    const page = readFileSync(join(folder(), 'data.html'), 'utf8').replaceAll('<wbr>', '');
    expect(page).toContain('<title>Inspection of data</title>');
    expect(page).toContain(
      'Sessions of test of three distinct items or more, with exactly those of a training session',
    );
    expect(page.match(/<svg /g)).toHaveLength(2);
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  });

  it.each([
    ['data', /^The output \S+data is a folder\. Name a file\n$/],
    ['clicks.tsv/page.html', /^The folder \S+clicks\.tsv is not writable: /],
  ])('refuses the page %s before it trains', async (page, message) => {
    const { code, stdout, stderr } = await inspect('data', '--html', page);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it.each([
    [[], 'inspect expected the folder of a dataset or a model as its first argument, got none'],
    [[''], 'DATA|MODEL expected a string, got an empty one'],
  ])('refuses %j', async (argv, message) => {
    expect(await inspect(...argv)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });
});
