import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { guessItemColumns } from '../src/project/guess-columns.ts';
import { makeFolder, ok, runHere } from './run-trainer.ts';

const HOUR_MS = 3_600_000;
const START_MS = Date.parse('2026-05-01');

/** 40 visits of three clicks, two a day, of 10 visitors. */
const clicks = Array.from({ length: 120 }, (_, at) => {
  const visit = Math.floor(at / 3);
  const item = (visit + (at % 3)) % 7;
  const ms = START_MS + visit * 12 * HOUR_MS + (at % 3) * 60_000;
  const iso = new Date(ms).toISOString();
  return {
    ...{ visit, long: 1_777_000_000 + visit, visitor: `v${visit % 10}`, isLast: at % 3 === 2 },
    ...{ item, apart: (visit % 2) * 10 + item, ms, passed: ms - START_MS, s: ms / 1000, iso },
    ...{ local: iso.slice(0, 19), spaced: iso.replace('T', ' ').slice(0, 19), day: iso.slice(0, 10) },
  };
});
type Click = (typeof clicks)[number];

/** A line per click: `{visit}` stands for the visit of the click, `{see|buy}` for `buy` in the last click of a visit. */
const rowsOf = (row: string) =>
  clicks.map((click) =>
    row
      .replaceAll(/\{(\w+)\}/g, (_, name: keyof Click) => String(click[name]))
      .replace(/\{([\w ]+)\|([\w ]+)\}/, click.isLast ? '$2' : '$1'),
  );
const log = (first: string, row: string) => [first, ...rowsOf(row), ''].join('\n');
const eventLog = (row: string) => log('{"EventLog":"gru4rec","Day":"2026-05-01"}', row);
const jsonl = (row: string) => `${rowsOf(row).join('\n')}\n`;

const ottoSessions = Array.from({ length: 40 }, (_, session) => {
  const events = clicks
    .filter(({ visit }) => visit === session)
    .map(({ item, ms, isLast }) => ({ aid: item, ts: ms, type: isLast ? 'orders' : 'clicks' }));
  return `${JSON.stringify({ session, events })}\n`;
});

async function init(name: string, content: string | Uint8Array, ...argv: string[]) {
  const folder = makeFolder();
  writeFileSync(join(folder, name), content);
  const outcome = await runHere(folder, 'init', name, ...argv);
  const file = join(folder, 'gru4rec.json');
  return {
    folder,
    ...outcome,
    project: existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined,
  };
}

/** Logs as programs, shops and data sets write them, and what each column is. */
const shapes: readonly [string, string, Readonly<Record<string, string>>][] = [
  [
    'GRU4Rec',
    log('SessionId\tItemId\tTime', '{visit}\t{item}\t{s}'),
    { session: 'SessionId', item: 'ItemId', time: 'Time' },
  ],
  [
    'an event log of serve, with visits',
    eventLog('{"SessionId":"{visit}","ItemId":"{item}","Time":"{iso}","Type":"{view|cart}","Model":"m"}'),
    { session: 'SessionId', item: 'ItemId', time: 'Time', type: 'Type' },
  ],
  [
    'an event log of serve, with visitors',
    eventLog('{"SessionId":"{visitor}","ItemId":"{item}","Time":"{iso}"}'),
    { user: 'SessionId', item: 'ItemId', time: 'Time' },
  ],
  [
    'YOOCHOOSE',
    log('session_id,timestamp,item_id,category', '{visit},{iso},{item},0'),
    { session: 'session_id', item: 'item_id', time: 'timestamp' },
  ],
  [
    'Diginetica',
    log('sessionId;userId;itemId;timeframe;eventdate', '{visit};NA;{item};{passed};{day}'),
    { session: 'sessionId', item: 'itemId', time: 'eventdate' },
  ],
  [
    'Retailrocket',
    log('timestamp,visitorid,event,itemid,transactionid', '{ms},{visitor},{view|addtocart},{item},'),
    { user: 'visitorid', item: 'itemid', time: 'timestamp', type: 'event' },
  ],
  [
    'OTTO',
    ottoSessions.join(''),
    { session: 'session', item: 'aid', time: 'ts', type: 'type', events: 'events' },
  ],
  [
    'H&M',
    log('t_dat,customer_id,article_id,price,sales_channel_id', '{day},{visitor},0{item},0.05,2'),
    { user: 'customer_id', item: 'article_id', time: 't_dat' },
  ],
  [
    'Amazon',
    jsonl(
      '{"rating":5,"title":"Fine","asin":"a{item}","parent_asin":"B{item}","user_id":"{visitor}","timestamp":{ms}}',
    ),
    { user: 'user_id', item: 'parent_asin', time: 'timestamp' },
  ],
  [
    'Amazon of 2018',
    jsonl('{"reviewerID":"{visitor}","asin":"a{item}","reviewTime":"05 1, 2026","unixReviewTime":{s}}'),
    { user: 'reviewerID', item: 'asin', time: 'unixReviewTime' },
  ],
  [
    'Globo',
    log(
      'user_id,session_id,session_start,click_article_id,click_timestamp,click_os',
      '{visitor},{visit},{ms},{item},{ms},2',
    ),
    { session: 'session_id', item: 'click_article_id', time: 'click_timestamp' },
  ],
  [
    'GA4',
    log(
      'event_timestamp,event_name,user_pseudo_id,ga_session_id,item_id',
      '{ms}000,{view_item|purchase},{visitor},{long},{item}',
    ),
    { user: 'user_pseudo_id', item: 'item_id', time: 'event_timestamp', type: 'event_name' },
  ],
  [
    'Segment',
    log(
      'anonymous_id,user_id,event,product_id,timestamp',
      '{visitor},,{Product Viewed|Order Completed},{item},{spaced}',
    ),
    { user: 'anonymous_id', item: 'product_id', time: 'timestamp', type: 'event' },
  ],
  [
    'Snowplow',
    log(
      'domain_userid,domain_sessionid,derived_tstamp,event_name,product_sku',
      '{visitor},{visit},{spaced},{product_view|transaction},{item}',
    ),
    { session: 'domain_sessionid', item: 'product_sku', time: 'derived_tstamp', type: 'event_name' },
  ],
  [
    'Matomo',
    log('idvisit,idvisitor,server_time,product_sku', '{visit},{visitor},{spaced},{item}'),
    { session: 'idvisit', item: 'product_sku', time: 'server_time' },
  ],
  [
    'Shopify',
    log('Name,Email,Created at,Lineitem name,Lineitem sku', '#{visit},{visitor},{spaced} -0500,Hat,{item}'),
    { user: 'Email', item: 'Lineitem sku', time: 'Created at' },
  ],
];

describe('init', () => {
  it.each(shapes)('knows %s', async (_, content, columns) => {
    const { code, stderr, project } = await init('log.csv', content);
    expect([code, stderr]).toEqual([0, expect.stringContaining('120 clicks: a model learns little')]);
    expect(project).toEqual({
      $schema: './node_modules/gru4rec/schemas/project.json',
      ...{ log: 'log.csv', columns, prepare: { test: '1d' } },
    });
  });

  const odd: readonly [string, string, Readonly<Record<string, string>>][] = [
    [
      'semicolons, a byte order mark and shuffled columns',
      log(
        '\ufeffprix;ArticleNr;Kunden-Nr;produktname;clicked at;sessionCookie;action',
        '9;A-{item};{visitor};Hut;{iso};{visitor};{see|buy}',
      ),
      { user: 'Kunden-Nr', item: 'ArticleNr', time: 'clicked at', type: 'action' },
    ],
    [
      'names without a hint',
      log('wer,wann,sku', '{visitor},{local}+02,{item}'),
      { user: 'wer', item: 'sku', time: 'wann' },
    ],
    [
      'details beside ids, and a visit and a customer',
      log(
        'item_name,item_price,visit,customer,content_type,item_id,ts,device_type',
        'Hat,{item},{visit},{visitor},product,{item},{ms},phone',
      ),
      { session: 'visit', item: 'item_id', time: 'ts' },
    ],
  ];
  it.each(odd)('guesses %s', async (_, content, columns) => {
    const { project, stderr } = await init('log.csv', content);
    expect([project?.columns, stderr]).toEqual([columns, expect.stringContaining('120 clicks')]);
  });

  it.each<[string, string, string]>([
    [
      'two items',
      log('user_id,time,item_id,product_id', '{visitor},{iso},{item},{item}'),
      'The column of item is unclear among "item_id", "product_id". Name it: --columns item=NAME',
    ],
    [
      'no time',
      log('user_id,item_id,Datum,n', '{visitor},{item},01.05.2026 10:00,{visit}'),
      'The column of time is not among "user_id", "item_id", "Datum", "n"; "Datum" has "01.05.2026 10:00", neither ISO 8601 nor a number. Name it: --columns time=NAME',
    ],
    [
      'a time in a form that prepare does not read, and two that it does',
      log('visitor,sku,ts,created,updated', '{visitor},{item},{spaced} UTC,{iso},{iso}'),
      'The column of time is unclear among "created", "updated". Name it: --columns time=NAME',
    ],
    [
      'two that may be sessions',
      log('a,b,item_id,time', '{visitor},b{visit},{item},{iso}'),
      'The column of session or user is unclear among "a", "b". Name it: --columns session=NAME',
    ],
    [
      'no names of columns',
      '1,2026-05-01T10:51:09.277Z,214536502,0\n1,2026-05-01T10:54:09.868Z,214536500,0\n',
      'log.csv expected names of columns in its first line, got "0", "1", "214536502", "2026-05-01T10:51:09.277Z": add them, of YOOCHOOSE session_id,timestamp,item_id,category',
    ],
  ])('says in one line what is unclear: %s', async (_, content, message) => {
    const { code, stderr, project } = await init('log.csv', content);
    expect([code, stderr, project]).toEqual([2, `${message}\nSee trainer init --help\n`, undefined]);
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
    const again = await runHere(folder, 'init', 'log.csv', ...argv.split(' '));
    expect(again).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('exists already: replace it with --overwrite'),
    });
    await ok(folder, `init log.csv --overwrite ${argv}`);
    const unknown = await runHere(folder, 'init', 'log.csv', '--overwrite', '--columns', 'item=sku');
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('got "sku"') });
  });

  it('says what it understood, with three rows, and what will hurt', async () => {
    const broken = '"v1",,2026-05-01T10:00Z,view\n';
    const clicked = log('visitor,sku,at,event', '{visitor},{item},{iso},{view|cart}');
    const { stdout, stderr, project } = await init('log.csv', clicked + broken);
    expect(stdout).toContain(
      [
        'session = `visitor`, a visitor who comes back: visits are cut at 30 minutes',
        'item = `sku`',
        'time = `at`, ISO 8601 with a zone',
        'type = `event`: view 67 %, cart 33 %',
        '120 clicks of 20 days on 7 items in 40 sessions, 0 % repeat the item before',
      ].join('\n'),
    );
    expect(stdout.match(/│ v0 .*│ view +│/g)).toHaveLength(2);
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

  it('reads the zone from a time, not from a field of a megabyte whose quote was never closed', async () => {
    const [header = '', ...rows] = log('visitor,sku,at', '{visitor},{item},{iso}').split('\n');
    const open = `"v0","1","${'2026-05-01T10:00Z '.repeat(60_000)}\n"`;
    const { stdout } = await init('log.csv', [header, open, ...rows].join('\n'));
    expect(stdout).toContain('time = `at`, ISO 8601 with a zone');
  });

  it('finds the ids of an items file, what its columns say, and ids that do not match', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'log.csv'), log('SessionId,ItemId,Time', '{visit},{apart},{iso}'));
    const items = (id: (item: number) => string) =>
      `rank;code;brand\n${Array.from({ length: 20 }, (_, item) => `${99 - item};${id(item)};b${Math.floor(item / 10)}`).join('\n')}\n`;
    writeFileSync(join(folder, 'items.csv'), items(String));
    const { stdout } = await ok(folder, 'init log.csv --items items.csv');
    expect(stdout).toContain(
      'Consecutive clicks share a column of the items file 1.5 times as often as by chance, or more: train with "itemFeatures": ["brand"]',
    );
    const project = JSON.parse(readFileSync(join(folder, 'gru4rec.json'), 'utf8'));
    expect(project).toMatchObject({ items: 'items.csv', itemColumns: { id: 'code' } });
    writeFileSync(
      join(folder, 'items.csv'),
      items((item) => `sku-${item}`),
    );
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
    expect(JSON.parse(readFileSync(join(folder, 'gru4rec.json'), 'utf8'))).toMatchObject({
      items: 'items.csv',
      itemColumns: {
        ...{ id: 'artikelnummer', title: 'bezeichnung', group: 'kategorie' },
        ...{ available: 'lagerbestand', price: 'preis' },
      },
      prepare: { 'on-bad-row': 'skip' },
    });
    expect(stdout).toContain(
      'Items file of 20 items, 5 of them not available: id = `artikelnummer`, title = `bezeichnung`, group = `kategorie`, available = `lagerbestand`, price = `preis`\n',
    );
    expect(stderr).toContain('1 bad row: prepare will skip such rows');
    await ok(folder, 'prepare');
    expect((await ok(folder, 'inspect')).stdout).toContain('title = `bezeichnung`, group = `kategorie`');
    expect(readFileSync(join(folder, 'data', 'bad-rows.tsv'), 'utf8')).toContain('the item "3" occurs twice');
  });

  it.each([
    ['name,category,in_stock,price', '{id} boots,{kind},{bool},{id}.5'],
    ['nom,catégorie,disponible,prix', '{id} bottes,{kind},{oui},{id} €'],
    ['product_title,product_category,is_available,price', '{id},{kind},{bool},1', 'out_of_stock,old_price'],
    ['product_title,product_category,stock,price', '{id},{kind},{id},1', 'brand_name,stock_place'],
  ])('knows the columns %s of an items file', (names, row, others = '') => {
    const columns = names.split(',');
    const rows = [...Array(12).keys()].map((id) => {
      const kind = `k${id % 4}`;
      const [bool, oui] = id > 4 ? ['true', 'oui'] : ['false', 'non'];
      const cells = { id: `${id}`, kind, bool, oui };
      const text = row.replaceAll(/\{(\w+)\}/g, (_, name: keyof typeof cells) => cells[name]);
      const known = text.split(',').map((value, at) => [columns[at], at === 0 ? `${value} b` : value]);
      return Object.fromEntries([...others.split(',').map((name) => [name, kind]), ...known]);
    });
    const sample = { columns: Object.keys(rows[0] ?? {}), rows, share: 1, files: 1, events: undefined };
    const [title, group, available, price] = columns;
    expect(guessItemColumns(sample, ['sku'])).toEqual({ title, group, available, price });
  });

  it('says that an items file does not say what is sold out', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'log.csv'), log('SessionId,ItemId,Time', '{visit},{item},{iso}'));
    writeFileSync(join(folder, 'items.csv'), 'id,colour\n0,red\n1,blue\n');
    const lacks = 'No column says which items are available, so those that are sold out are recommended';
    expect((await ok(folder, 'init log.csv --items items.csv')).stdout).toContain(lacks);
    await ok(folder, 'prepare');
    expect(JSON.parse((await ok(folder, 'inspect --json')).stdout)).toMatchObject({
      itemsFile:
        'Items file of 2 items, 0 of them not available: id = `id`, no title, no group, no available, no price',
      advice: expect.arrayContaining([expect.stringContaining(lacks)]),
    });
  });

  it('estimates the days of a file that is longer than the sample, not those of a folder', async () => {
    const row = (at: number) => `${at >> 2},${at % 50},${1_777_000_000 + 9 * at}\n`;
    const days = Array.from({ length: 30_000 }, (_, at) => `${'x'.repeat(300)},${row(10 * at)}`).join('');
    const { stdout, project } = await init('log.csv', `page,SessionId,ItemId,Time\n${days}`);
    expect(stdout).toMatch(/the first \d\d,\d{3} of about 30,000 clicks of \d\d days on/);
    expect(project.prepare).toEqual({ test: '1d' });
    const folder = makeFolder();
    for (let file = 0; file < 20; file++) {
      const short = Array.from({ length: 50 }, (_, at) => row(50 * file + at)).join('');
      writeFileSync(join(folder, `${10 + file}.csv`), `SessionId,ItemId,Time\n${short}`);
    }
    const some = await ok(folder, 'init .');
    expect(some.stdout).toContain('the first 500 of about 1,000 clicks of 2 hours on');
    expect(readFileSync(join(folder, 'gru4rec.json'), 'utf8')).toContain('"test": "10%"');
    await ok(folder, 'prepare');
  });

  it('makes a project in which prepare, train and evaluate need no option', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'log.csv'), log('visitor,sku,at', '{visitor},{item},{iso}'));
    for (const line of ['init log.csv', 'prepare', 'train']) await ok(folder, line);
    expect((await ok(folder, 'evaluate')).stdout).toContain('MRR');
  });
});
