import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeShopLog } from '@gru4rec/synthetic';
import { beforeAll, describe, expect, it } from 'vitest';
import { failing, ok, runHere } from '../run-trainer.ts';
import { trainTiny, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop();
const APPEND = 'prepare --append --output data --input';

/** Writes a log with new items, some days after the first. */
async function writeLater(name: string, days: number): Promise<void> {
  const file = join(folder(), name);
  await writeShopLog(file, { events: 600, items: 90, days: 1, seed: 4 });
  const [header = '', ...rows] = readFileSync(file, 'utf8').split('\n');
  const later = rows.filter(Boolean).map((row) => {
    const [session, item, time] = row.split('\t');
    return [`today-${session}`, item, Number(time) + days * 86_400].join('\t');
  });
  writeFileSync(file, `${[header, ...later].join('\n')}\n`);
}

beforeAll(async () => {
  await writeLater('today.tsv', 100);
  await trainTiny(folder(), 'first');
});

describe('trainer prepare --append', () => {
  it('adds a day, after which training continues with old and new items', async () => {
    const { stderr } = await ok(folder(), `${APPEND} today.tsv --threads 1`);
    expect(stderr).toMatch(/\nadded \d+ sessions of \d+ events, \d+ new items\n/);
    expect(stderr).toContain('\ntest is unchanged, and older than new training sessions\n');
    const trained = await ok(folder(), 'train data --continue first --output second --set nEpochs=1');
    expect(trained.stderr).toMatch(
      /^Continuing after epoch 2: 60 items keep their place and parameters \(0 of them are not in the new data\), 85 new items start afresh$/m,
    );
    const evaluated = await ok(folder(), 'evaluate second --data data --json');
    expect(JSON.parse(evaluated.stdout).predictions).toBeGreaterThan(0);
  });

  it('keeps or drops late sessions as --late-sessions says, and counts them', async () => {
    const late = `${APPEND} today.tsv --late-sessions`;
    const dropped = await runHere(folder(), `${late} drop`);
    expect(dropped.stderr).toMatch(/^all +late sessions +\d+ +\d+ +\d+ +\d+$/m);
    expect((await ok(folder(), `${late} keep`)).stderr).toMatch(/^train +late sessions kept: \d+ /m);
  });

  it('removes what --keep says from every split, after which training goes on', async () => {
    await writeLater('later.tsv', 200);
    const keep = `${APPEND} later.tsv --keep 30d`;
    expect(await failing(folder(), keep)).toMatch(
      /^--keep expected to keep half of the sessions or more, got \d+ to remove and 0 to keep, counting from \S+, at .*data\. Correct the times, or allow it \(--force-keep\)\.$/m,
    );
    expect((await ok(folder(), `${keep} --force-keep`)).stderr).toMatch(
      /\nadded \d+ sessions .*\nremoved \d+ sessions of train that ended before \S+\nremoved \d+ sessions of test .*\n.*: 145 items \(60 of them without training clicks\), train \d+ sessions of \d+ events, in/,
    );
    await ok(folder(), 'train data --continue first --output third --set nEpochs=1');
    await ok(folder(), 'inspect data');
  });
});
