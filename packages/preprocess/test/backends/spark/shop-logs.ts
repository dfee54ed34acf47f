import { join } from 'node:path';
import { runSql } from '../../fuzz/parquet-files.ts';

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

/** SQL expressions of the columns of a file, from `user`, `item`, `ms` and `kind`. */
type Columns = readonly string[];

/** Writes Parquet files with small row groups, in order of the events. */
async function writeLogs(
  folder: string,
  files: readonly { readonly name: string; readonly columns: Columns; readonly count: number }[],
): Promise<string[]> {
  const paths: string[] = [];
  for (const [index, { name, columns, count }] of files.entries()) {
    const rows = shopEvents(index + 1, count).map(
      ({ user, item, ms, kind }, row) => `(${row}, '${user}', '${item}', ${ms}::BIGINT, '${kind}')`,
    );
    const path = join(folder, name);
    await runSql(`
      COPY (SELECT ${columns.join(', ')} FROM (VALUES ${rows.join(', ')}) t(row, "user", item, ms, kind) ORDER BY row)
      TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
    paths.push(path);
  }
  return paths;
}

const stamp = 'make_timestamp(ms * 1000)';

/** Columns of every type, in different order, with equal times across files and invalid rows. */
export function writeMixedLogs(folder: string): Promise<string[]> {
  const bad = 'CASE WHEN row IN (200, 300) THEN NULL ELSE';
  return writeLogs(folder, [
    {
      name: 'stamps.parquet',
      columns: ['"user"', 'item', `${bad} ${stamp} END AS "at"`, 'kind'],
      count: 600,
    },
    {
      name: 'zones.parquet',
      columns: ['kind', 'item', `${stamp}::TIMESTAMPTZ AS "at"`, '"user"'],
      count: 600,
    },
    {
      name: 'ms.parquet',
      columns: [`${bad} item::DOUBLE END AS item`, '"user"', 'ms AS "at"', 'kind'],
      count: 600,
    },
    {
      name: 'fractions.parquet',
      columns: ['"user"', 'item::DECIMAL(9, 2) AS item', '(ms + 0.0004)::DOUBLE AS "at"', 'kind'],
      count: 600,
    },
    {
      name: 'blocks.parquet',
      columns: [
        `CASE WHEN row < 4 THEN '' ELSE "user" END AS "user"`,
        'item::BIGINT AS item',
        `${stamp} AS "at"`,
        'kind',
      ],
      count: 5000,
    },
  ]);
}
