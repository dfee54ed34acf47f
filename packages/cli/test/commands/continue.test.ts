import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDataset } from '@gru4rec/dataset';
import { readModel } from '@gru4rec/model';
import { writeShopLog } from '@gru4rec/synthetic';
import { beforeAll, describe, expect, it } from 'vitest';
import { failing, ok } from '../run-trainer.ts';
import { streamSessions, trainTiny, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop();

beforeAll(async () => {
  await writeShopLog(join(folder(), 'more.tsv'), { events: 1500, items: 90, days: 10, seed: 4 });
  await ok(folder(), 'prepare --input more.tsv --test 2d --output more');
  await trainTiny(folder(), 'first');
});

describe('trainer train --continue', () => {
  it('replaces the model that it continues with --overwrite', async () => {
    await trainTiny(folder(), 'self');
    const self = 'train more --continue self --output self --set nEpochs=1';
    await failing(folder(), self);
    expect((await ok(folder(), `${self} --overwrite`)).stderr).toContain('epoch 3');
  });
});

describe('trainer train --new-only', () => {
  it('learns only later clicks with --new-only, each once, in memory that streamed training recorded too', async () => {
    const read = async (name: string) => (await readModel(join(folder(), name))).dataset?.lastMs;
    const { train } = await readDataset(join(folder(), 'data'));
    const last = Math.max(...Array.from(train.times, Number));
    expect(await read('first')).toBe(last);
    streamSessions();
    await trainTiny(folder(), 'streamed');
    expect(await read('streamed')).toBe(last);
    // Two visitors a day later: one goes on with a new item, the other has a single click.
    const [a, b] = (await readDataset(join(folder(), 'data'))).itemIds.slice(0, 2);
    const at = (minutes: number) => new Date(last + minutes * 60_000).toISOString();
    const lines = [`x,${a},${at(1)}`, `y,${b},${at(2)}`, `x,new,${at(3)}`, `x,${b},${at(4)}`, ''];
    writeFileSync(join(folder(), 'day.csv'), `SessionId,ItemId,Time\n${lines.join('\n')}`);
    await ok(folder(), 'prepare --input day.csv --output day --session-length 1..');
    const learn = (from: string, output: string) =>
      ok(folder(), `train day --continue ${from} --new-only --output ${output}`);
    expect((await learn('first', 'learnt')).stderr).toMatch(
      /^Learnt 2 pairs of clicks and 1 new item in \d+\.\d s\nThe model is in learnt\n$/,
    );
    expect(await read('learnt')).toBe(last + 4 * 60_000);
    await expect(learn('learnt', 'again')).rejects.toThrow(
      `--new-only expected clicks after ${at(4)}, the last that the model learnt`,
    );
    const recommended = await ok(folder(), 'recommend learnt --session new --json');
    expect(JSON.parse(recommended.stdout)).toMatchObject({ unknown: [] });
  });
});
