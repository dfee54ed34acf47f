import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeShopLog } from '@gru4rec/synthetic';
import { beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../run-trainer.ts';
import { trainTiny, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop('--compression', 'zstd');
const append = (...more: string[]) => runHere(folder(), 'prepare', '--append', '--output', 'data', ...more);

/** Writes a log with new items, a hundred days after the first. */
beforeAll(async () => {
  const file = join(folder(), 'today.tsv');
  await writeShopLog(file, { events: 600, items: 90, days: 1, seed: 4 });
  const [header = '', ...rows] = readFileSync(file, 'utf8').split('\n');
  const later = rows.filter(Boolean).map((row) => {
    const [session, item, time] = row.split('\t');
    return [`today-${session}`, item, Number(time) + 100 * 86_400].join('\t');
  });
  writeFileSync(file, `${[header, ...later].join('\n')}\n`);
  const { code, stderr } = await trainTiny(folder(), 'first');
  if (code !== 0) throw new Error(stderr);
});

describe('trainer prepare --append', () => {
  it.each([
    [['--session-gap', '30m'], '--session-gap'],
    [['--compression', 'lz4'], '--compression'],
    [['--overwrite'], '--overwrite'],
    [['--test-days', '1'], '--test-days'],
    [['--item-column', 'ItemId'], '--item-column'],
    [['--backend', 'spark', '--spark-master', 'local', '--spark-home', 'spark'], '--backend'],
  ])('refuses %s together with it, with exit code 2', async (more, flag) => {
    const { code, stderr } = await append('--input', 'today.tsv', ...more);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(
        `--append expected no ${flag} with it: new sessions are made with the options of the dataset. Omit ${flag}`,
      ),
    });
  });

  it('adds a day, after which training continues with old and new items', async () => {
    const { code, stderr } = await append('--input', 'today.tsv', '--threads', '1');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/\nadded \d+ sessions of \d+ events, \d+ new items\n/),
    });
    expect(stderr).toContain('\ntest is unchanged, and older than new training sessions\n');
    const more = ['data', '--continue', 'first', '--output', 'second', '--epochs', '1'];
    const trained = await runHere(folder(), 'train', ...more);
    expect(trained).toMatchObject({ code: 0, stdout: '' });
    expect(trained.stderr).toMatch(
      /^Continuing after epoch 2: 60 items keep their place and parameters \(0 of them are not in the new data\), 85 new items start afresh$/m,
    );
    const evaluated = await runHere(folder(), 'evaluate', 'second', '--data', 'data', '--json');
    expect(JSON.parse(evaluated.stdout).predictions).toBeGreaterThan(0);
  });

  it('refuses the same day again with exit code 1, and names the option that accepts it', async () => {
    const { code, stderr } = await append('--input', 'today.tsv');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /^--input expected sessions that start at .* or later, .*, got \d+ sessions that start earlier, .* Say with --late-sessions whether to keep or drop them, or prepare the dataset again from all files\.\n$/m,
      ),
    });
  });

  it('keeps or drops late sessions as --late-sessions says, and counts them', async () => {
    const dropped = await append('--input', 'today.tsv', '--late-sessions', 'drop');
    expect(dropped.stderr).toMatch(/^all +late sessions +\d+ +\d+ +\d+ +\d+$/m);
    const kept = await append('--input', 'today.tsv', '--late-sessions', 'keep');
    expect(kept).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^train +late sessions kept: \d+ /m),
    });
  });

  it('refuses --late-sessions without --append', async () => {
    const required = ['--input', 'today.tsv', '--output', 'other', '--late-sessions', 'keep'];
    const { code, stderr } = await runHere(folder(), 'prepare', ...required);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('--append with it') });
  });

  it('reports a folder without a dataset', async () => {
    const { code, stderr } = await runHere(
      folder(),
      'prepare',
      '--append',
      '--output',
      'none',
      '--input',
      'today.tsv',
    );
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('expected a session dataset, got nothing'),
    });
  });
});
