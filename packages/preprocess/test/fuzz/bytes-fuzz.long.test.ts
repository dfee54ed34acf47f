import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { arrowFileWriter } from '@gru4rec/dataset/arrow';
import { testFolder } from '@gru4rec/test-support/folder';
import { Float64, Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import { describe, expect, it } from 'vitest';

const folder = testFolder();
const tsx = pathToFileURL(createRequire(import.meta.resolve('@gru4rec/preprocess')).resolve('tsx')).href;
const program = fileURLToPath(new URL('./bytes-program.ts', import.meta.url));
/** From 0 to 4: together, these seeds damage every byte in all five ways. */
const SEED = process.env['FUZZ_SEED'] ?? '0';
/** Positions per process: a crash loses the results of these. */
const BATCH = 200;

const table = new Table({
  SessionId: vectorFromArray(['a', 'a', 'b', 'b'], new Utf8()),
  ItemId: vectorFromArray(['x', 'y', 'x', 'x'], new Utf8()),
  Time: vectorFromArray([1, 2, 3, 4], new Float64()),
});

async function parquet(file: string, codec: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`
    COPY (SELECT 's' || i // 4 AS "SessionId", 'i' || i % 7 AS "ItemId", i AS "Time" FROM range(60) r(i))
    TO '${file}' (FORMAT parquet, COMPRESSION ${codec})`);
  connection.closeSync();
  instance.closeSync();
}

async function packedArrow(file: string, codec: 'lz4' | 'zstd'): Promise<void> {
  const writer = await arrowFileWriter(codec);
  const bytes = writer.writeAll(table.batches as never).toUint8Array();
  writeFileSync(file, await bytes);
}

const logs = {
  'Parquet, Snappy': (file: string) => parquet(file, 'snappy'),
  'Parquet, Zstandard': (file: string) => parquet(file, 'zstd'),
  'Parquet, gzip': (file: string) => parquet(file, 'gzip'),
  'an Arrow file': async (file: string) => writeFileSync(file, tableToIPC(table, 'file')),
  'an Arrow stream': async (file: string) => writeFileSync(file, tableToIPC(table, 'stream')),
  'Arrow, LZ4': (file: string) => packedArrow(file, 'lz4'),
  'Arrow, Zstandard': (file: string) => packedArrow(file, 'zstd'),
};

describe('prepare, each byte of a log damaged', () => {
  it.each(Object.keys(logs) as (keyof typeof logs)[])(
    'succeeds or fails with one line: %s',
    async (name) => {
      const place = join(folder, name.replaceAll(/\W+/g, '-'));
      mkdirSync(place);
      const log = join(place, 'sound');
      await logs[name](log);
      const size = readFileSync(log).length;
      for (let from = 0; from < size; from += BATCH) {
        const end = Math.min(size, from + BATCH);
        const node = ['--conditions=@gru4rec/source', `--import=${tsx}`, '--max-old-space-size=512', program];
        const { status, signal, stdout } = spawnSync(
          process.execPath,
          [...node, place, log, `${from}`, `${end}`, SEED],
          {
            encoding: 'utf8',
            timeout: 600_000,
          },
        );
        const lines = stdout.trimEnd().split('\n');
        const where = `from byte ${from} on, the last: ${lines.at(-1)}`;
        expect([status, signal], where).toEqual([0, null]);
        expect(lines.filter((line) => !/ (answer|line)$|^peak/.test(line))).toEqual([]);
        expect(lines.length).toBe(end - from + 1);
        expect(Number(/^peak (\d+)/.exec(lines.at(-1) ?? '')?.[1])).toBeLessThan(1500);
      }
    },
    3_600_000,
  );
});
