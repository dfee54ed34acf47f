import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { checkParquetFooter } from '../../src/input/parquet-footer.ts';
import { testFolder } from '../folder.ts';

const folder = testFolder();
const file = join(folder, 'log.parquet');

/** Numbers in Thrift's compact protocol, unsigned (`varint`) and signed (`int`). */
const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
const int = (value: number): number[] => varint(2 * value);
const STOP = 0;

/** A column with its name and number of children. */
const column = (children: number): number[] => [
  0x48,
  1,
  97,
  ...(children > 0 ? [0x15, ...int(children)] : []),
  STOP,
];

/** A file with only a footer: a version, its columns depth first, then other fields. */
function footerOf(
  columns: readonly number[][],
  { claimed = columns.length, more = [] as number[] } = {},
): Buffer {
  const schema = [0x19, 0xfc, ...varint(claimed)];
  const footer = Buffer.concat([
    Buffer.from([0x15, ...int(1), ...schema]),
    ...columns.map((bytes) => Buffer.from(bytes)),
    Buffer.from([...more, STOP]),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([Buffer.from('PAR1'), footer, length, Buffer.from('PAR1')]);
}

/** Nested columns, `depth` levels including the root. */
const nested = (depth: number): number[][] => [
  ...Array.from({ length: depth - 1 }, () => column(1)),
  column(0),
];

async function check(bytes: Uint8Array): Promise<string> {
  writeFileSync(file, bytes);
  return checkParquetFooter(file, file).then(
    () => 'sound',
    (error: Error) => `${error.name}: ${error.message}`.replace(file, 'FILE'),
  );
}

const damaged = (how: string) =>
  `DataError: prepare: "input" expected a sound parquet file, got a damaged one (${how}), at FILE.`;

describe('checkParquetFooter', () => {
  it('accepts files of DuckDB with nested columns and many row groups', async () => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(`
      COPY (SELECT i AS SessionId, {'a': [{'b': i}], 'c': map {'k': 1.5}} AS n, 'x' AS ItemId, true AS t FROM range(20_000) r(i))
      TO '${file}' (FORMAT parquet, ROW_GROUP_SIZE 2048, KV_METADATA {note: 'text'})`);
    connection.closeSync();
    instance.closeSync();
    await expect(checkParquetFooter(file, file)).resolves.toBe(undefined);
  });

  it('counts nested levels of columns, not siblings', async () => {
    expect(await check(footerOf(nested(100)))).toBe('sound');
    expect(await check(footerOf([column(5000), ...Array.from({ length: 5000 }, () => column(0))]))).toBe(
      'sound',
    );
    const wide = [column(300), ...Array.from({ length: 300 }, () => [column(1), column(0)]).flat()];
    expect(await check(footerOf(wide))).toBe('sound');
    for (const depth of [102, 10_000, 100_000]) {
      expect(await check(footerOf(nested(depth)))).toBe(damaged('its columns are nested more than 100 deep'));
    }
  });

  it('refuses a list longer than the footer or the limit', async () => {
    expect(await check(footerOf(nested(2), { claimed: 500 }))).toBe(
      damaged('its footer has a list without room'),
    );
    expect(await check(footerOf(nested(2), { claimed: 300_000 }))).toBe(
      damaged('its footer has a list of 300000 elements, more than 262144'),
    );
  });

  it('skips values of every type, up to a limited depth', async () => {
    const [set, real, uuid] = [
      [0x1a, 0x23, 7, 8],
      [0x17, ...Array(8).fill(1)],
      [0x1d, ...Array(16).fill(1)],
    ];
    expect(
      await check(footerOf(nested(2), { more: [0x0c, ...int(50), STOP, ...set, ...real, ...uuid] })),
    ).toBe('sound');
    expect(await check(footerOf(nested(2), { more: [0x1b, 1, 0x81, 1, 97, 1] }))).toBe('sound');
    const deep = [0x0c, ...int(50), ...Array(100_000).fill(0x1c), ...Array(100_001).fill(STOP)];
    expect(await check(footerOf(nested(2), { more: deep }))).toBe(
      damaged('its footer is nested more than 32 deep'),
    );
    const lists = [0x19, ...Array(100_000).fill(0x19), 0x03];
    expect(await check(footerOf(nested(2), { more: lists }))).toBe(
      damaged('its footer is nested more than 32 deep'),
    );
  });

  it('refuses a footer truncated anywhere, and leaves other damage to the reader', async () => {
    const whole = footerOf(nested(3)).subarray(4, -8);
    for (let length = 0; length < whole.length; length++) {
      const size = Buffer.alloc(4);
      size.writeUInt32LE(length);
      const bytes = Buffer.concat([
        Buffer.from('PAR1'),
        whole.subarray(0, length),
        size,
        Buffer.from('PAR1'),
      ]);
      expect(await check(bytes)).toMatch(/its footer (is cut short|has a list without room)/);
    }
    for (const bytes of ['', 'PAR1', 'PAR1PAR1', 'PAR1\xff\xff\xff\xffPAR1', 'PAR1 no footer here']) {
      expect(await check(Buffer.from(bytes, 'latin1'))).toBe('sound');
    }
  });
});
