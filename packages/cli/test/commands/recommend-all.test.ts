import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDataset } from '@gru4rec/dataset';
import { itemRowsIn } from '@gru4rec/preprocess';
import { beforeAll, describe, expect, it } from 'vitest';
import { failing, ok } from '../run-trainer.ts';
import { trainTiny, useTinyShop } from '../tiny-shop.ts';

const python = process.env['GRU4REC_PYTHON'] ?? 'python3';
const folder = useTinyShop();
/** By visitor, the items of the latest session. */
const latest = new Map<string, string[]>();
const ends = new Map<string, number>();
let ids: readonly string[] = [];

const path = (name: string) => join(folder(), name);
const lines = (text: string) => Array.from(text.trim().split('\n'), (line) => JSON.parse(line));
const listed = (name: string) => lines(readFileSync(path(name), 'utf8'));

beforeAll(async () => {
  const log = readFileSync(path('clicks.tsv'), 'utf8').trim().split('\n').slice(1);
  const items = [...new Set(log.map((line) => String(line.split('\t')[1])))];
  const rows = items.map((id, at) => `${id}\tItem ${at}\t${at / 4}\tc${at % 3}`);
  writeFileSync(path('items.tsv'), ['id\ttitle\tprice\tcolour', ...rows, ''].join('\n'));
  // Two sessions per visitor.
  const users = log.map((line) => line.replace(/^\S+/, (id) => `v${Number(id.replace(/\D/g, '')) % 40}`));
  writeFileSync(path('users.tsv'), ['UserId\tItemId\tTime', ...users, ''].join('\n'));
  const asked = '--columns user=UserId --items items.tsv --test 2d --output data --overwrite';
  await ok(folder(), `prepare --input users.tsv ${asked}`);
  await trainTiny(folder(), 'model');
  const data = await readDataset(path('data'));
  ids = data.itemIds.slice();
  for (const { sessionIds, sessionOffsets, items: clicked, times } of [data.train, data.test ?? []].flat()) {
    for (const [at, id] of sessionIds.entries()) {
      const [start, end] = [sessionOffsets[at] ?? 0, sessionOffsets[at + 1] ?? 0];
      const visitor = id.replace(/#\d+$/, '');
      if (Number(times[end - 1]) <= (ends.get(visitor) ?? 0)) continue;
      ends.set(visitor, Number(times[end - 1]));
      latest.set(
        visitor,
        Array.from(clicked.subarray(start, end), (item) => String(ids[item])),
      );
    }
  }
}, 60_000);

describe('trainer recommend --all', () => {
  it('lists for the latest session of each visitor what --sessions lists for it', async () => {
    expect(latest.size).toBe(40);
    const sessions = Array.from(latest, ([session, items]) => `${JSON.stringify({ session, items })}\n`);
    writeFileSync(path('sessions.jsonl'), sessions.join(''));
    const rules = `--exclude-seen --top 5 --deny ${ids[0]}`;
    const each = await ok(folder(), `recommend model --sessions sessions.jsonl ${rules}`);
    const expected = new Map(lines(each.stdout).map(({ session, items }) => [session, items]));
    const asked = `recommend model --all visitors --data data ${rules}`;
    const { stderr } = await ok(folder(), `${asked} --output lists.jsonl`);
    expect(stderr).toBe('lists.jsonl: 40 lists\n');
    const lists = listed('lists.jsonl');
    expect(lists).toHaveLength(40);
    for (const { visitor, source, items } of lists) {
      expect([source, items]).toEqual(['model', expected.get(visitor)]);
    }
    const lastMs = Math.max(...ends.values());
    const recent = [...ends].filter(([, endMs]) => endMs >= lastMs - 36 * 3_600_000).map(([id]) => id);
    await ok(folder(), `${asked} --since 36h --output recent.jsonl`);
    expect(
      listed('recent.jsonl')
        .map(({ visitor }) => visitor)
        .sort(),
    ).toEqual(recent.sort());
    expect(recent.length).toBeLessThan(40);
  });

  it('lists only items that meet rules about columns, also as the item that each list starts from', async () => {
    const where = '{"colour":{"same":true},"price":{"gte":2}}';
    await ok(folder(), `recommend model --all visitors --data data --where ${where} --output rules.jsonl`);
    await ok(folder(), `recommend model --all items --where ${where} --output related.jsonl`);
    const rows = new Map(
      readFileSync(path('items.tsv'), 'utf8')
        .split('\n')
        .map((row) => [row.split('\t')[0], row.split('\t')]),
    );
    const colourOf = (id: unknown) => rows.get(String(id))?.[3];
    for (const { visitor, item, items } of [...listed('rules.jsonl'), ...listed('related.jsonl')]) {
      const colour = colourOf(item ?? latest.get(visitor)?.at(-1));
      const others = ids.filter(
        (id) => id !== item && colourOf(id) === colour && Number(rows.get(id)?.[2]) >= 2,
      );
      expect(items).toHaveLength(Math.min(20, others.length));
      expect(others).toEqual(expect.arrayContaining(items.map(({ id }: { id: string }) => id)));
    }
    const line = 'recommend model --session a --where {"size":1}';
    expect(await failing(folder(), line, 2)).toContain(
      'expected columns of title, price, colour, got "size"',
    );
  });

  it('reads an event log, whose visitors begin a session after a pause', async () => {
    mkdirSync(path('events'));
    const click = (SessionId: string, item: number | string, time: string) =>
      JSON.stringify({
        SessionId,
        ItemId: ids[Number(item)] ?? item,
        Time: `2026-05-01T${time}:00.000Z`,
        Model: 'm',
      });
    const log = [
      '{"EventLog":"gru4rec","Day":"2026-05-01"}',
      click('ann', 1, '08:00'),
      click('ann', 2, '09:00'),
    ];
    log.push(click('ann', 3, '09:01'), click('bob', 'new', '09:02'), '');
    writeFileSync(path('events/2026-05-01.jsonl'), log.join('\n'));
    await ok(folder(), 'recommend model --all visitors --events events --top 4 --output of-log.jsonl');
    const asked = await ok(folder(), `recommend model --session ${ids[2]},${ids[3]} --top 4 --json`);
    const popular = await ok(folder(), 'recommend model --session new --top 4 --json');
    expect(listed('of-log.jsonl')).toEqual([
      { visitor: 'ann', source: 'model', items: JSON.parse(asked.stdout).items },
      { visitor: 'bob', source: 'popular', items: JSON.parse(popular.stdout).items },
    ]);
  });

  it('writes what is related to each item as Parquet, with titles and columns', async () => {
    const options = '--kind together --top 3 --fields price,colour';
    for (const name of ['items.jsonl', 'items.parquet']) {
      await ok(folder(), `recommend model --all items ${options} --output ${name}`);
    }
    const written = listed('items.jsonl');
    expect(written.map(({ item }) => item)).toEqual(ids);
    const read: unknown[] = [];
    for await (const { id: item, info } of itemRowsIn(path('items.parquet')))
      read.push({ item, ...info.fields });
    const typed = written.map(({ items, ...list }) => {
      return {
        ...list,
        items: items.map((one: { price: string }) => ({ ...one, price: Number(one.price) })),
      };
    });
    expect(read).toEqual(typed);
    for (const { item, items } of written) {
      expect(items).toHaveLength(3);
      for (const { id, title } of items) {
        expect(id).not.toBe(item);
        expect(title).toMatch(/^Item \d+$/);
      }
    }
  });

  it('writes Parquet that pandas reads', async (ctx) => {
    const found = spawnSync(python, ['-c', 'import pandas, pyarrow']);
    if (found.status !== 0) ctx.skip(`${python} has no pandas; name another interpreter in GRU4REC_PYTHON`);
    await ok(folder(), 'recommend model --all items --top 3 --output next.parquet');
    await ok(folder(), 'recommend model --all items --top 3 --output next.jsonl');
    const program =
      'import sys, pandas; print(pandas.read_parquet(sys.argv[1]).to_json(orient="records", lines=True))';
    const { stdout, stderr } = spawnSync(python, ['-c', program, path('next.parquet')], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const scores = (list: { items: { score: number }[] }) => ({
      ...list,
      items: list.items.map((item) => ({ ...item, score: expect.closeTo(item.score, 6) })),
    });
    expect(lines(stdout)).toEqual(listed('next.jsonl').map(scores));
  });

  it('leaves an earlier file as it was if it fails', async () => {
    writeFileSync(path('kept.jsonl'), 'earlier');
    const before = readdirSync(folder());
    const wrong = 'recommend model --all items --output kept.jsonl';
    expect(await failing(folder(), `${wrong} --kind alike`)).toContain('Train a model with itemFeatures');
    expect(await failing(folder(), `${wrong} --fields size`, 2)).toContain(
      '--fields expected title, price, colour, got "size"',
    );
    const missing = 'recommend model --all visitors --events none --output kept.jsonl';
    expect(await failing(folder(), missing)).toContain('none');
    expect(readFileSync(path('kept.jsonl'), 'utf8')).toBe('earlier');
    expect(readdirSync(folder())).toEqual(before);
  });
});
