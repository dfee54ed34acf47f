import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

export interface ParquetFile {
  readonly bytes: Buffer;
  readonly events: number;
}

const columns = {
  texts: `'s' || i % 7 AS "SessionId", 'i' || i % 5 AS "ItemId", 1396437466940 + i AS "Time"`,
  numbers: `i % 7 AS "SessionId", i % 5 AS "ItemId", make_timestamp(1396437466940000 + i) AS "Time"`,
  doubles: `i % 7 AS "SessionId", encode('i' || i % 5) AS "ItemId", 1396437466.94 + i AS "Time", [i] AS "Other"`,
} as const;
const ways = [
  'CODEC uncompressed',
  'CODEC snappy',
  'CODEC zstd',
  'CODEC gzip, ROW_GROUP_SIZE 2048',
  'PARQUET_VERSION v2, CODEC snappy',
] as const;

export async function runSql(sql: string): Promise<void> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

/** The bytes of a Parquet file with the result of a SELECT. */
export async function writeParquet(select: string, way: string = ways[0]): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-parquet-'));
  const file = join(folder, 'log');
  await runSql(`COPY (${select}) TO '${file}' (FORMAT parquet, ${way})`);
  const bytes = readFileSync(file);
  rmSync(folder, { recursive: true });
  return bytes;
}

export async function parquetFiles(): Promise<ParquetFile[]> {
  const files: ParquetFile[] = [];
  for (const way of ways) {
    const events = way.includes('ROW_GROUP_SIZE') ? 5000 : 60;
    for (const list of Object.values(columns)) {
      files.push({ bytes: await writeParquet(`SELECT ${list} FROM range(${events}) t(i)`, way), events });
    }
  }
  return files;
}
