import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder, ok, runHere } from './run-trainer.ts';

const HOUR_MS = 3_600_000;
const START_MS = Date.parse('2026-05-01');

/** 40 visits of three clicks, two a day, of 10 visitors. */
const clicks = Array.from({ length: 120 }, (_, at) => {
  const visit = Math.floor(at / 3);
  const [visitor, item] = [visit % 10, (visit + (at % 3)) % 7];
  return {
    visit,
    visitor,
    item,
    ms: START_MS + visit * 12 * HOUR_MS + (at % 3) * 60_000,
    isLast: at % 3 === 2,
  };
});
type Click = (typeof clicks)[number];

const iso = ({ ms }: Click) => new Date(ms).toISOString();
const spaced = (click: Click) => iso(click).replace('T', ' ').slice(0, 19);
const day = (click: Click) => iso(click).slice(0, 10);
const kind = (view: string, buy: string) => (click: Click) => (click.isLast ? buy : view);
const visitor = (click: Click) => `v${click.visitor}`;

type Columns = Readonly<Record<string, (click: Click) => string | number>>;

const rowsOf = (columns: Columns) =>
  clicks.map((click) => Object.fromEntries(Object.entries(columns).map(([name, of]) => [name, of(click)])));

function csv(columns: Columns, { delimiter = ',', start = '' } = {}): string {
  const lines = rowsOf(columns).map((row) => Object.values(row).join(delimiter));
  return `${start}${[Object.keys(columns).join(delimiter), ...lines].join('\n')}\n`;
}

const jsonl = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

const ottoSessions = Array.from({ length: 40 }, (_, session) => ({
  session,
  events: clicks
    .filter(({ visit }) => visit === session)
    .map((click) => ({ aid: click.item, ts: click.ms, type: kind('clicks', 'orders')(click) })),
}));

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

const shapes: readonly [string, string, Readonly<Record<string, string>>][] = [
  [
    'GRU4Rec',
    csv(
      { SessionId: ({ visit }) => visit, ItemId: ({ item }) => item, Time: ({ ms }) => ms / 1000 },
      { delimiter: '\t' },
    ),
    { session: 'SessionId', item: 'ItemId', time: 'Time' },
  ],
  [
    'an event log of serve, with visits',
    `{"EventLog":"gru4rec","Day":"2026-05-01"}\n${jsonl(rowsOf({ SessionId: ({ visit }) => `${visit}`, ItemId: ({ item }) => `${item}`, Time: iso, Type: kind('view', 'cart'), Model: () => 'm' }))}`,
    { session: 'SessionId', item: 'ItemId', time: 'Time', type: 'Type' },
  ],
  [
    'an event log of serve, with visitors',
    `{"EventLog":"gru4rec","Day":"2026-05-01"}\n${jsonl(rowsOf({ SessionId: visitor, ItemId: ({ item }) => `${item}`, Time: iso }))}`,
    { user: 'SessionId', item: 'ItemId', time: 'Time' },
  ],
  [
    'YOOCHOOSE',
    csv({ session_id: ({ visit }) => visit, timestamp: iso, item_id: ({ item }) => item, category: () => 0 }),
    { session: 'session_id', item: 'item_id', time: 'timestamp' },
  ],
  [
    'Diginetica',
    csv(
      {
        sessionId: ({ visit }) => visit,
        userId: () => 'NA',
        itemId: ({ item }) => item,
        timeframe: ({ ms }) => ms - START_MS,
        eventdate: day,
      },
      { delimiter: ';' },
    ),
    { session: 'sessionId', item: 'itemId', time: 'eventdate' },
  ],
  [
    'Retailrocket',
    csv({
      timestamp: ({ ms }) => ms,
      visitorid: visitor,
      event: kind('view', 'addtocart'),
      itemid: ({ item }) => item,
      transactionid: () => '',
    }),
    { user: 'visitorid', item: 'itemid', time: 'timestamp', type: 'event' },
  ],
  [
    'OTTO',
    jsonl(ottoSessions),
    { session: 'session', item: 'aid', time: 'ts', type: 'type', events: 'events' },
  ],
  [
    'H&M',
    csv({
      t_dat: day,
      customer_id: visitor,
      article_id: ({ item }) => `0${item}`,
      price: () => 0.05,
      sales_channel_id: () => 2,
    }),
    { user: 'customer_id', item: 'article_id', time: 't_dat' },
  ],
  [
    'Amazon',
    jsonl(
      rowsOf({
        rating: () => 5,
        title: () => 'Fine',
        asin: ({ item }) => `a${item}`,
        parent_asin: ({ item }) => `B${item}`,
        user_id: visitor,
        timestamp: ({ ms }) => ms,
      }),
    ),
    { user: 'user_id', item: 'parent_asin', time: 'timestamp' },
  ],
  [
    'Amazon of 2018',
    jsonl(
      rowsOf({
        reviewerID: visitor,
        asin: ({ item }) => `a${item}`,
        reviewTime: () => '05 1, 2026',
        unixReviewTime: ({ ms }) => ms / 1000,
      }),
    ),
    { user: 'reviewerID', item: 'asin', time: 'unixReviewTime' },
  ],
  [
    'Globo',
    csv({
      user_id: visitor,
      session_id: ({ visit }) => visit,
      session_start: ({ ms }) => ms,
      click_article_id: ({ item }) => item,
      click_timestamp: ({ ms }) => ms,
      click_os: () => 2,
    }),
    { session: 'session_id', item: 'click_article_id', time: 'click_timestamp' },
  ],
  [
    'GA4',
    csv({
      event_timestamp: ({ ms }) => ms * 1000,
      event_name: kind('view_item', 'purchase'),
      user_pseudo_id: visitor,
      ga_session_id: ({ visit }) => 1_777_000_000 + visit,
      item_id: ({ item }) => item,
    }),
    { user: 'user_pseudo_id', item: 'item_id', time: 'event_timestamp', type: 'event_name' },
  ],
  [
    'Segment',
    csv({
      anonymous_id: visitor,
      user_id: () => '',
      event: kind('Product Viewed', 'Order Completed'),
      product_id: ({ item }) => item,
      timestamp: spaced,
    }),
    { user: 'anonymous_id', item: 'product_id', time: 'timestamp', type: 'event' },
  ],
  [
    'Snowplow',
    csv({
      domain_userid: visitor,
      domain_sessionid: ({ visit }) => visit,
      derived_tstamp: spaced,
      event_name: kind('product_view', 'transaction'),
      product_sku: ({ item }) => item,
    }),
    { session: 'domain_sessionid', item: 'product_sku', time: 'derived_tstamp', type: 'event_name' },
  ],
  [
    'Matomo',
    csv({
      idvisit: ({ visit }) => visit,
      idvisitor: visitor,
      server_time: spaced,
      product_sku: ({ item }) => item,
    }),
    { session: 'idvisit', item: 'product_sku', time: 'server_time' },
  ],
  [
    'Shopify',
    csv({
      Name: ({ visit }) => `#${visit}`,
      Email: visitor,
      'Created at': (click) => `${spaced(click)} -0500`,
      'Lineitem name': () => 'Hat',
      'Lineitem sku': ({ item }) => item,
    }),
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
      csv(
        {
          prix: () => 9,
          ArticleNr: ({ item }) => `A-${item}`,
          'Kunden-Nr': visitor,
          produktname: () => 'Hut',
          'clicked at': iso,
          sessionCookie: visitor,
          action: kind('see', 'buy'),
        },
        { delimiter: ';', start: '\ufeff' },
      ),
      { user: 'Kunden-Nr', item: 'ArticleNr', time: 'clicked at', type: 'action' },
    ],
    [
      'names without a hint',
      csv({ wer: visitor, wann: (click) => `${iso(click).slice(0, 19)}+02`, sku: ({ item }) => item }),
      { user: 'wer', item: 'sku', time: 'wann' },
    ],
    [
      'details beside ids, and a visit and a customer',
      csv({
        item_name: () => 'Hat',
        item_price: ({ item }) => item,
        visit: ({ visit }) => visit,
        customer: visitor,
        content_type: () => 'product',
        item_id: ({ item }) => item,
        ts: ({ ms }) => ms,
        device_type: () => 'phone',
      }),
      { session: 'visit', item: 'item_id', time: 'ts' },
    ],
  ];
  it.each(odd)('guesses %s', async (_, content, columns) => {
    const { project, stderr } = await init('log.csv', content);
    expect([project?.columns, stderr]).toEqual([columns, expect.stringContaining('120 clicks')]);
  });

  it.each<[string, Columns | string, string]>([
    [
      'two items',
      { user_id: visitor, time: iso, item_id: ({ item }) => item, product_id: ({ item }) => item },
      'The column of item is unclear among "item_id", "product_id". Name it: --columns item=NAME',
    ],
    [
      'no time',
      {
        user_id: visitor,
        item_id: ({ item }) => item,
        Datum: () => '01.05.2026 10:00',
        n: ({ visit }) => visit,
      },
      'The column of time is not among "user_id", "item_id", "Datum", "n"; "Datum" has "01.05.2026 10:00", neither ISO 8601 nor a number. Name it: --columns time=NAME',
    ],
    [
      'a time in a form that prepare does not read, and two that it does',
      { visitor, sku: ({ item }) => item, ts: (click) => `${spaced(click)} UTC`, created: iso, updated: iso },
      'The column of time is unclear among "created", "updated". Name it: --columns time=NAME',
    ],
    [
      'two that may be sessions',
      { a: visitor, b: ({ visit }) => `b${visit}`, item_id: ({ item }) => item, time: iso },
      'The column of session or user is unclear among "a", "b". Name it: --columns session=NAME',
    ],
    [
      'no names of columns',
      '1,2026-05-01T10:51:09.277Z,214536502,0\n1,2026-05-01T10:54:09.868Z,214536500,0\n',
      'log.csv expected names of columns in its first line, got "0", "1", "214536502", "2026-05-01T10:51:09.277Z": add them, of YOOCHOOSE session_id,timestamp,item_id,category',
    ],
  ])('says in one line what is unclear: %s', async (_, content, message) => {
    const { code, stderr, project } = await init(
      'log.csv',
      typeof content === 'string' ? content : csv(content),
    );
    expect([code, stderr, project]).toEqual([2, `${message}\nSee trainer init --help\n`, undefined]);
  });

  it('takes what options say as given, and refuses to replace a file', async () => {
    const log = csv({
      a: visitor,
      item: ({ item }) => item,
      product_id: ({ item }) => item,
      n: ({ ms }) => ms / 1000,
      kind: kind('see', 'buy'),
      page: () => 'x',
    });
    const argv =
      '--columns user=a item=product_id time=n context=page --time-unit s --event-types see --test 3d';
    const { folder, project } = await init('log.csv', log, ...argv.split(' '));
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
    const { stdout, stderr, project } = await init(
      'log.csv',
      `${csv({ visitor, sku: ({ item }) => item, at: iso, event: kind('view', 'cart') })}${broken}`,
    );
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
    expect(stderr).toContain('Warning: 1 row without a session, item or time: prepare will skip such rows\n');
    expect(project.prepare).toEqual({ test: '1d', 'on-bad-row': 'skip' });
    const poor = await init(
      'log.csv',
      csv({
        SessionId: ({ ms }) => ms,
        ItemId: ({ item }) => item,
        Time: () => 1_777_000_000,
        event: () => 'purchase',
      }),
    );
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
    writeFileSync(
      join(folder, 'log.csv'),
      csv({
        SessionId: ({ visit }) => visit,
        ItemId: ({ visit, item }) => (visit % 2) * 10 + item,
        Time: iso,
      }),
    );
    const items = (id: (item: number) => string) =>
      `rank;code;brand\n${Array.from({ length: 20 }, (_, item) => `${99 - item};${id(item)};b${Math.floor(item / 10)}`).join('\n')}\n`;
    writeFileSync(join(folder, 'items.csv'), items(String));
    const { stdout } = await ok(folder, 'init log.csv --items items.csv');
    expect(stdout).toContain(
      'Consecutive clicks share a column of the items file 1.5 times as often as by chance, or more: train with "itemFeatures": ["brand"]',
    );
    const project = JSON.parse(readFileSync(join(folder, 'gru4rec.json'), 'utf8'));
    expect(project).toMatchObject({
      items: 'items.csv',
      prepare: { 'items-id-column': 'code' },
      serve: { 'items-id-column': 'code' },
    });
    writeFileSync(
      join(folder, 'items.csv'),
      items((item) => `sku-${item}`),
    );
    const other = await ok(folder, 'init log.csv --items items.csv --items-id-column code --overwrite');
    expect(other.stderr).toContain(
      'Warning: No row of --items is of an item with training clicks: compare its column id, such as "sku-0", with the items of the log, such as "0"',
    );
  });

  it('estimates the days of a file that is longer than the sample, not those of a folder', async () => {
    const row = (at: number) => `${at >> 2},${at % 50},${1_777_000_000 + 9 * at}\n`;
    const hours = Array.from({ length: 300_000 }, (_, at) => row(at)).join('');
    const { stdout, project } = await init('log.csv', `SessionId,ItemId,Time\n${hours}`);
    expect(stdout).toMatch(/the first \d{3},\d{3} of about 300,000 clicks of \d\d days on/);
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
    writeFileSync(join(folder, 'log.csv'), csv({ visitor, sku: ({ item }) => item, at: iso }));
    for (const line of ['init log.csv', 'prepare', 'train']) await ok(folder, line);
    expect((await ok(folder, 'evaluate')).stdout).toContain('MRR');
  });
});
