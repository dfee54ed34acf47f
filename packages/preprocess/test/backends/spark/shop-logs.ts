import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';

/** One event of a synthetic shop. */
interface ShopEvent {
  readonly user: string;
  readonly item: string;
  readonly ms: number;
  readonly kind: string;
}

const START = Date.UTC(2024, 4, 1);

/** Seeded events at whole minutes, so that many times are equal; users leave and return; few items are common. */
function shopEvents(seed: number, count: number): ShopEvent[] {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: count }, () => ({
    user: `${random() < 0.1 ? 'é"x,' : 'u'}${Math.floor(random() ** 2 * 60)}`,
    item: String(Math.floor(random() ** 3 * 90)).padStart(random() < 0.05 ? 3 : 1, '0'),
    ms: START + 60_000 * Math.floor(random() * 4 * 24 * 60),
    kind: random() < 0.9 ? 'view' : 'buy',
  }));
}

const csvField = (text: string): string => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const csvLine = ({ user, item, ms, kind }: ShopEvent): string =>
  [csvField(user), item, new Date(ms).toISOString(), kind].join(',');

/** Logs in every format, with equal times across files, blank lines, mixed line ends and invalid rows. */
export async function writeMixedLogs(folder: string): Promise<string[]> {
  const [plain, packed, tabs, json, parquet] = [1, 2, 3, 4, 5].map((seed) =>
    shopEvents(seed, seed === 5 ? 5000 : 600),
  );
  const path = (name: string): string => join(folder, name);
  const csv = plain!.map(
    (event, row) => `${csvLine(event)}${row % 7 === 0 ? '\r\n' : '\n'}${row % 50 === 0 ? '\n' : ''}`,
  );
  csv.splice(
    200,
    0,
    'u1,2\n',
    'u1,2,no time,view\n',
    ',2,2024-05-01,view\n',
    'u1,2,2024-05-01,view,\n',
    'u1,\r,2024-05-01,view\n',
  );
  writeFileSync(path('plain.csv'), `\ufeffuser,item,at,kind\r\n${csv.join('')}`);
  writeFileSync(
    path('packed.csv.gz'),
    gzipSync(
      `item,kind,user,at\n${packed!.map(({ item, kind, user, ms }) => `${item},${kind},${csvField(user)},${new Date(ms).toISOString()}`).join('\n')}\n`,
    ),
  );
  const tsv = tabs!.map(({ user, item, ms, kind }) =>
    [`"${user.replaceAll('"', '""')}" `, kind, item, new Date(ms).toISOString().replace('T', ' ')].join('\t'),
  );
  writeFileSync(path('tabs.tsv'), `user\tkind\titem\tat\n${tsv.join('\n')}`);
  const lines = json!.map(({ user, item, ms, kind }, row) =>
    JSON.stringify({
      kind,
      at: new Date(ms).toISOString(),
      user,
      item: row % 3 === 0 ? Number(item) : item,
      more: [1],
    }),
  );
  lines.splice(100, 0, '{"user": "u1"', '{"user": "u1", "item": null, "at": "2024-05-02", "kind": "view"}');
  writeFileSync(path('lines.jsonl'), `${lines.join('\n')}\n`);
  await writeParquet(path('table.parquet'), parquet!);
  return ['plain.csv', 'packed.csv.gz', 'tabs.tsv', 'lines.jsonl', 'table.parquet'].map(path);
}

async function writeParquet(path: string, events: readonly ShopEvent[]): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const rows = events.map(
    ({ user, item, ms, kind }) =>
      `('${user}', ${Number(item)}::BIGINT, make_timestamp(${ms}000::BIGINT), '${kind}')`,
  );
  await connection.run(`
    COPY (SELECT * FROM (VALUES ${rows.join(', ')}) t("user", item, "at", kind)) TO '${path}'
    (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
  connection.closeSync();
  instance.closeSync();
}

/** Logs of clicks in milliseconds with session ids: two CSV parts, sessions in JSON and a test file. */
export function writeSessionLogs(folder: string): { parts: string[]; sessions: string; test: string } {
  const [first, second, nested, later] = [6, 7, 8, 9].map((seed) => shopEvents(seed, 500));
  mkdirSync(join(folder, 'parts'));
  const csv = (events: readonly ShopEvent[]): string =>
    `user,item,at,kind\n${events.map(({ user, item, ms, kind }) => `${csvField(user)},${item},${ms},${kind}\n`).join('')}`;
  const [one, two, sessions, test] = ['parts/1.csv', 'parts/2.csv', 'sessions.jsonl', 'test.csv'].map(
    (name) => join(folder, name),
  ) as [string, string, string, string];
  writeFileSync(one, csv(first!));
  writeFileSync(two, csv(second!));
  const bySession = groupByUser(nested!);
  const lines = [...bySession].map(([user, events]) =>
    JSON.stringify({ user, clicks: events.map(({ item, ms, kind }) => ({ item, at: ms, kind })) }),
  );
  writeFileSync(sessions, lines.join('\n'));
  writeFileSync(test, csv(later!));
  return { parts: [one, two], sessions, test };
}

function groupByUser(events: readonly ShopEvent[]): Map<string, ShopEvent[]> {
  const groups = new Map<string, ShopEvent[]>();
  for (const event of events) groups.set(event.user, [...(groups.get(event.user) ?? []), event]);
  return groups;
}
