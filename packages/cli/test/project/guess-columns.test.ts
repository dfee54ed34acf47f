import { UsageError } from '@gru4rec/checks';
import { describe, expect, it } from 'vitest';
import { guessColumns, guessItemColumns } from '../../src/project/guess-columns.ts';
import { rowsOf } from '../click-log.ts';

function sampleOf(head: string, rows: readonly string[]) {
  const columns = head.split(',');
  const cellsOf = (row: string) => row.split(',').map((cell, at) => [columns[at], cell] as const);
  const records = rows.map((row) => Object.fromEntries(cellsOf(row).filter(([, cell]) => cell !== '')));
  return { columns, rows: records, share: 1, files: 1, events: undefined };
}

type Row = readonly [name: string, head: string, row: string, columns: Readonly<Record<string, string>>];

/** Logs as programs, shops and data sets write them, and what each column is. */
const logs: readonly Row[] = [
  [
    'GRU4Rec',
    'SessionId,ItemId,Time',
    '{visit},{item},{s}',
    { session: 'SessionId', item: 'ItemId', time: 'Time' },
  ],
  [
    'an event log of serve, with visits',
    'SessionId,ItemId,Time,Type,Model',
    '{visit},{item},{iso},{view|cart},m',
    { session: 'SessionId', item: 'ItemId', time: 'Time', type: 'Type' },
  ],
  [
    'an event log of serve, with visitors',
    'SessionId,ItemId,Time',
    '{visitor},{item},{iso}',
    { user: 'SessionId', item: 'ItemId', time: 'Time' },
  ],
  [
    'YOOCHOOSE',
    'session_id,timestamp,item_id,category',
    '{visit},{iso},{item},0',
    { session: 'session_id', item: 'item_id', time: 'timestamp' },
  ],
  [
    'Diginetica',
    'sessionId,userId,itemId,timeframe,eventdate',
    '{visit},NA,{item},{passed},{day}',
    { session: 'sessionId', item: 'itemId', time: 'eventdate' },
  ],
  [
    'Retailrocket',
    'timestamp,visitorid,event,itemid,transactionid',
    '{ms},{visitor},{view|addtocart},{item},',
    { user: 'visitorid', item: 'itemid', time: 'timestamp', type: 'event' },
  ],
  [
    'OTTO',
    'session,aid,ts,type',
    '{visit},{item},{ms},{clicks|orders}',
    { session: 'session', item: 'aid', time: 'ts', type: 'type' },
  ],
  [
    'H&M',
    't_dat,customer_id,article_id,price,sales_channel_id',
    '{day},{visitor},0{item},0.05,2',
    { user: 'customer_id', item: 'article_id', time: 't_dat' },
  ],
  [
    'Amazon',
    'rating,title,asin,parent_asin,user_id,timestamp',
    '5,Fine,a{item},B{item},{visitor},{ms}',
    { user: 'user_id', item: 'parent_asin', time: 'timestamp' },
  ],
  [
    'Amazon of 2018',
    'reviewerID,asin,reviewTime,unixReviewTime',
    '{visitor},a{item},05 1 2026,{s}',
    { user: 'reviewerID', item: 'asin', time: 'unixReviewTime' },
  ],
  [
    'Globo',
    'user_id,session_id,session_start,click_article_id,click_timestamp,click_os',
    '{visitor},{visit},{ms},{item},{ms},2',
    { session: 'session_id', item: 'click_article_id', time: 'click_timestamp' },
  ],
  [
    'GA4',
    'event_timestamp,event_name,user_pseudo_id,ga_session_id,item_id',
    '{ms}000,{view_item|purchase},{visitor},{long},{item}',
    { user: 'user_pseudo_id', item: 'item_id', time: 'event_timestamp', type: 'event_name' },
  ],
  [
    'Segment',
    'anonymous_id,user_id,event,product_id,timestamp',
    '{visitor},,{Product Viewed|Order Completed},{item},{spaced}',
    { user: 'anonymous_id', item: 'product_id', time: 'timestamp', type: 'event' },
  ],
  [
    'Snowplow',
    'domain_userid,domain_sessionid,derived_tstamp,event_name,product_sku',
    '{visitor},{visit},{spaced},{product_view|transaction},{item}',
    { session: 'domain_sessionid', item: 'product_sku', time: 'derived_tstamp', type: 'event_name' },
  ],
  [
    'Matomo',
    'idvisit,idvisitor,server_time,product_sku',
    '{visit},{visitor},{spaced},{item}',
    { session: 'idvisit', item: 'product_sku', time: 'server_time' },
  ],
  [
    'Shopify',
    'Name,Email,Created at,Lineitem name,Lineitem sku',
    '#{visit},{visitor},{spaced} -0500,Hat,{item}',
    { user: 'Email', item: 'Lineitem sku', time: 'Created at' },
  ],
  [
    'shuffled columns of a shop',
    'prix,ArticleNr,Kunden-Nr,produktname,clicked at,sessionCookie,action',
    '9,A-{item},{visitor},Hut,{iso},{visitor},{see|buy}',
    { user: 'Kunden-Nr', item: 'ArticleNr', time: 'clicked at', type: 'action' },
  ],
  [
    'names without a hint',
    'wer,wann,sku',
    '{visitor},{local}+02,{item}',
    { user: 'wer', item: 'sku', time: 'wann' },
  ],
  [
    'details beside ids, and a visit and a customer',
    'item_name,item_price,visit,customer,content_type,item_id,ts,device_type',
    'Hat,{item},{visit},{visitor},product,{item},{ms},phone',
    { session: 'visit', item: 'item_id', time: 'ts' },
  ],
];

describe('guessColumns', () => {
  it.each(logs)('knows %s', (_, head, row, { type, ...columns }) => {
    const { roles } = guessColumns(sampleOf(head, rowsOf(row)), {});
    const { type: found, ...others } = roles;
    expect(others).toEqual(columns);
    // A type that all clicks have is left out later.
    if (type !== undefined) expect(found).toBe(type);
  });

  it.each([
    [
      'user_id,time,item_id,product_id',
      '{visitor},{iso},{item},{item}',
      'The column of item is unclear among "item_id", "product_id". Name it: --columns item=NAME',
    ],
    [
      'user_id,item_id,Datum,n',
      '{visitor},{item},01.05.2026 10:00,{visit}',
      'The column of time is not among "user_id", "item_id", "Datum", "n"; "Datum" has "01.05.2026 10:00", neither ISO 8601 nor a number. Name it: --columns time=NAME',
    ],
    [
      'visitor,sku,ts,created,updated',
      '{visitor},{item},{spaced} UTC,{iso},{iso}',
      'The column of time is unclear among "created", "updated". Name it: --columns time=NAME',
    ],
    [
      'a,b,item_id,time',
      '{visitor},b{visit},{item},{iso}',
      'The column of session or user is unclear among "a", "b". Name it: --columns session=NAME',
    ],
  ])('says what is unclear in %s', (head, row, message) => {
    expect(() => guessColumns(sampleOf(head, rowsOf(row)), {})).toThrow(new UsageError(message));
  });
});

describe('guessItemColumns', () => {
  it.each([
    ['name,category,in_stock,price', '{id} boots,{kind},{bool},{id}.5'],
    ['nom,catégorie,disponible,prix', '{id} bottes,{kind},{oui},{id} €'],
    ['product_title,product_category,is_available,price', '{id} b,{kind},{bool},1', 'out_of_stock,old_price'],
    ['product_title,product_category,stock,price', '{id} b,{kind},{id},1', 'brand_name,stock_place'],
  ])('knows the columns %s of an items file', (names, row, others = '') => {
    const rows = [...Array(12).keys()].map((id) => {
      const kind = `k${id % 4}`;
      const [bool, oui] = id > 4 ? ['true', 'oui'] : ['false', 'non'];
      const cells = { id: `${id}`, kind, bool, oui };
      const known = row.replaceAll(/\{(\w+)\}/g, (_, name: keyof typeof cells) => cells[name]);
      return [...others.split(',').map(() => kind), known].join(',');
    });
    const [title, group, available, price] = names.split(',');
    expect(guessItemColumns(sampleOf(`${others},${names}`, rows), ['sku'])).toEqual({
      ...{ title, group, available, price },
    });
  });
});
