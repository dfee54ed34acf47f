import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clicks, rowsOf } from './click-log.ts';
import { failing, makeFolder, ok, runHere } from './run-trainer.ts';

const log = (first: string, row: string) => [first, ...rowsOf(row), ''].join('\n');
const projectIn = (folder: string) => JSON.parse(readFileSync(join(folder, 'gru4rec.json'), 'utf8'));

async function init(name: string, content: string, ...argv: string[]) {
  const folder = makeFolder();
  writeFileSync(join(folder, name), content);
  const outcome = await runHere(folder, 'init', name, ...argv);
  return { folder, ...outcome, project: outcome.code === 0 ? projectIn(folder) : undefined };
}

describe('init', () => {
  it('writes the columns of a log with a session per line', async () => {
    const sessions = Array.from({ length: 40 }, (_, session) => {
      const events = clicks
        .filter(({ visit }) => visit === session)
        .map(({ item, ms, isLast }) => ({ aid: item, ts: ms, type: isLast ? 'orders' : 'clicks' }));
      return `${JSON.stringify({ session, events })}\n`;
    });
    const { stderr, project } = await init('log.jsonl', sessions.join(''));
    expect(stderr).toContain('120 clicks: a model learns little');
    expect(project).toEqual({
      $schema: './node_modules/gru4rec/schemas/project.json',
      log: 'log.jsonl',
      columns: { session: 'session', item: 'aid', time: 'ts', type: 'type', events: 'events' },
      prepare: { test: '1d' },
    });
  });

  it('says in one line that a log has no names of columns, and writes nothing', async () => {
    const rows = '1,2026-05-01T10:51:09.277Z,214536502,0\n1,2026-05-01T10:54:09.868Z,214536500,0\n';
    const { folder, code, stderr } = await init('log.csv', rows);
    expect([code, stderr]).toEqual([
      2,
      'log.csv expected names of columns in its first line, got "0", "1", "214536502", "2026-05-01T10:51:09.277Z": add them, of YOOCHOOSE session_id,timestamp,item_id,category\nSee trainer init --help\n',
    ]);
    expect(existsSync(join(folder, 'gru4rec.json'))).toBe(false);
  });

  it('takes what options say as given, and refuses to replace a file', async () => {
    const content = log('a,item,product_id,n,kind,page', '{visitor},{item},{item},{s},{see|buy},x');
    const argv =
      '--columns user=a item=product_id time=n context=page --time-unit s --event-types see --test 3d';
    const { folder, project } = await init('log.csv', content, ...argv.split(' '));
    expect(project).toMatchObject({
      columns: { user: 'a', item: 'product_id', time: 'n', type: 'kind', context: ['page'] },
      prepare: { test: ['3d'], 'time-unit': 's', 'event-types': ['see'] },
    });
    expect(await failing(folder, 'init log.csv', 2)).toContain('exists already: replace it with --overwrite');
    const unknown = 'init log.csv --overwrite --columns item=sku';
    expect(await failing(folder, unknown, 2)).toContain('got "sku"');
  });

  it('says what it understood, with three rows, and what will hurt', async () => {
    // The first row has a field of a megabyte whose quote was never closed; the zone is that of a time.
    const broken = `"v0","1","${'2026-05-01T10:00Z '.repeat(60_000)}\n",view`;
    const [head = '', ...rows] = log('visitor,sku,at,event', '{visitor},{item},{iso},{view|cart}').split(
      '\n',
    );
    const { stdout, stderr, project } = await init('log.csv', [head, broken, ...rows].join('\n'));
    expect(stdout).toContain(
      [
        'session = `visitor`, a visitor who comes back: visits are cut at 30 minutes',
        'item = `sku`',
        'time = `at`, ISO 8601 with a zone',
        'type = `event`: view 67 %, cart 33 %',
        '120 clicks of 20 days on 7 items in 40 sessions, 0 % repeat the item before',
      ].join('\n'),
    );
    expect(stdout.match(/│ v0 .*│ view +│/g)).toHaveLength(3);
    expect(stderr).toContain(
      'Warning: 1 bad row: prepare will skip such rows, and list what is wrong with them\n',
    );
    expect(project.prepare).toEqual({ test: '1d', 'on-bad-row': 'skip' });
    const sold = log('SessionId,ItemId,Time,event', '{ms},{item},1777000000,purchase');
    const poor = await init('log.csv', sold);
    expect(poor.stderr.match(/^Warning: .{20}/gm)).toEqual([
      'Warning: 120 clicks: a model ',
      'Warning: 1.0 clicks per sessi',
      'Warning: All clicks have one ',
      'Warning: The log has purchase',
    ]);
    expect(poor.project.prepare).toEqual({ test: '10%' });
  });

  it('finds the ids of an items file, what its columns say, and ids that do not match', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'log.csv'), log('SessionId,ItemId,Time', '{visit},{apart},{iso}'));
    const writeItems = (prefix: string) => {
      const rows = [...Array(20).keys()].map((id) => `${99 - id};${prefix}${id};b${Math.floor(id / 10)}`);
      writeFileSync(join(folder, 'items.csv'), ['rank;code;brand', ...rows, ''].join('\n'));
    };
    writeItems('');
    const { stdout } = await ok(folder, 'init log.csv --items items.csv');
    expect(stdout).toContain(
      'Consecutive clicks share a column of the items file 1.5 times as often as by chance, or more: train with "itemFeatures": ["brand"]',
    );
    expect(stdout).toContain('No column says which items are available');
    expect(projectIn(folder)).toMatchObject({ items: 'items.csv', itemColumns: { id: 'code' } });
    writeItems('sku-');
    const other = await ok(folder, 'init log.csv --items items.csv --item-columns id=code --overwrite');
    expect(other.stderr).toContain(
      'Warning: No row of --items is of an item with training clicks: compare its column id, such as "sku-0", with the items of the log, such as "0"',
    );
  });

  it('maps the columns of an items file, says so, and skips second rows', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'log.csv'), log('SessionId,ItemId,Time', '{visit},{apart},{iso}'));
    const rows = [...Array(20).keys(), 3].map(
      (id) => `${id};Stiefel ${id};Art ${id % 4};${Math.max(0, id - 4)};"${id},50 €"`,
    );
    const head = 'artikelnummer;bezeichnung;kategorie;lagerbestand;preis';
    writeFileSync(join(folder, 'items.csv'), [head, ...rows, ''].join('\n'));
    const { stdout, stderr } = await ok(folder, 'init log.csv --items items.csv');
    expect(projectIn(folder)).toMatchObject({
      items: 'items.csv',
      itemColumns: {
        ...{ id: 'artikelnummer', title: 'bezeichnung', group: 'kategorie' },
        ...{ available: 'lagerbestand', price: 'preis' },
      },
      prepare: { 'on-bad-row': 'skip' },
    });
    const line =
      'Items file of 20 items, 5 of them not available: id = `artikelnummer`, title = `bezeichnung`, group = `kategorie`, available = `lagerbestand`, price = `preis`; for rules: ';
    expect(stdout).toContain(line);
    expect(stderr).toContain('1 bad row: prepare will skip such rows');
    await ok(folder, 'prepare');
    expect((await ok(folder, 'inspect')).stdout).toContain(line);
    expect(readFileSync(join(folder, 'data', 'bad-rows.tsv'), 'utf8')).toContain('the item "3" occurs twice');
  });

  it('estimates the days of a file that is longer than the sample, not those of a folder', async () => {
    const row = (at: number, seconds: number) => `${at >> 2},${at % 50},${1_777_000_000 + seconds * at}\n`;
    // Twelve days, of which 4 MiB have eight.
    const days = Array.from({ length: 2000 }, (_, at) => `${'x'.repeat(3000)},${row(at, 518)}`).join('');
    const { stdout, project } = await init('log.csv', `page,SessionId,ItemId,Time\n${days}`);
    expect(stdout).toMatch(/the first 1,\d{3} of about 2,000 clicks of 8 days on/);
    expect(project.prepare).toEqual({ test: '1d' });
    const folder = makeFolder();
    for (let file = 0; file < 20; file++) {
      const short = Array.from({ length: 50 }, (_, at) => row(50 * file + at, 9)).join('');
      writeFileSync(join(folder, `${10 + file}.csv`), `SessionId,ItemId,Time\n${short}`);
    }
    const some = await ok(folder, 'init .');
    expect(some.stdout).toContain('the first 500 of about 1,000 clicks of 2 hours on');
    expect(projectIn(folder).prepare).toEqual({ test: '10%' });
    await ok(folder, 'prepare');
  });
});
