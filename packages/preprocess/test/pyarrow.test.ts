import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it } from 'vitest';
import { prepare } from '../src/index.ts';
import { readPlain } from './plain.ts';

const python = process.env['GRU4REC_PYTHON'] ?? 'python3';
/** Writes the same tables as Arrow files and streams with every compression, and as Parquet. */
const program = `
import sys, pyarrow as pa, pyarrow.parquet, pyarrow.feather
from decimal import Decimal
n = 3000
session = pa.array(['s' + str(i % 70) for i in range(n)])
ms = [1396437466940 + 250 * i for i in range(n)]
tables = {
  'texts': [session, pa.array(['i' + str(i % 50) if i % 11 else None for i in range(n)]), pa.array(ms)],
  'large': [session.dictionary_encode(), pa.array(['i' + str(i % 50) for i in range(n)], pa.large_string()), pa.array(ms, pa.timestamp('ms'))],
  'numbers': [pa.array([i % 70 for i in range(n)], pa.uint8()), pa.array([2**60 + i % 50 for i in range(n)], pa.int64()), pa.array([1000 * x + 7 for x in ms], pa.timestamp('us', 'UTC'))],
  'others': [pa.array([Decimal(i % 70) / 100 for i in range(n)], pa.decimal128(9, 2)), pa.array([i % 50 / 7 for i in range(n)], pa.float32()), pa.array([1000000 * x - 1 for x in ms], pa.timestamp('ns'))],
  'doubles': [pa.array([i % 70 / 3 for i in range(n)]), pa.array([i % 2 == 0 for i in range(n)]), pa.array([x / 1000 for x in ms])],
}
for name, columns in tables.items():
  table = pa.table(columns, names=['SessionId', 'ItemId', 'Time'])
  pa.parquet.write_table(table, f'{sys.argv[1]}/{name}.parquet')
  for codec in [None, 'lz4', 'zstd']:
    options = pa.ipc.IpcWriteOptions(compression=codec)
    for kind, make in [('file', pa.ipc.new_file), ('stream', pa.ipc.new_stream)]:
      with make(f'{sys.argv[1]}/{name}.{codec}.{kind}', table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=700)
  pa.feather.write_feather(table, f'{sys.argv[1]}/{name}.feather')
view = pa.table([session.cast(pa.string_view()), pa.array(['a text of more than twelve bytes, ' + str(i % 50) for i in range(n)], pa.string_view()), pa.array(ms)], names=['SessionId', 'ItemId', 'Time'])
pa.parquet.write_table(view.cast(pa.schema([('SessionId', pa.string()), ('ItemId', pa.string()), ('Time', pa.int64())])), f'{sys.argv[1]}/views.parquet')
with pa.ipc.new_file(f'{sys.argv[1]}/views.None.file', view.schema) as writer:
  writer.write_table(view)
`;

describe('prepare, Arrow from pyarrow', () => {
  it('reads the same events as from Parquet', async (ctx) => {
    const found = spawnSync(python, ['-c', 'import pyarrow'], { encoding: 'utf8' });
    if (found.status !== 0) ctx.skip(`${python} has no pyarrow; name another interpreter in GRU4REC_PYTHON`);
    const folder = testFolder();
    expect(spawnSync(python, ['-c', program, folder], { encoding: 'utf8' })).toMatchObject({
      stderr: '',
      status: 0,
    });
    const output = join(folder, 'out');
    const read = async (name: string) => {
      const inputs = [join(folder, name)];
      const { funnel } = await prepare({
        inputs,
        output,
        overwrite: true,
        onBadRow: 'skip',
        minSessionLength: 1,
      });
      return { rows: funnel[0]?.events, ...(await readPlain(output)) };
    };
    const files = readdirSync(folder);
    for (const parquet of files.filter((name) => name.endsWith('.parquet'))) {
      const expected = await read(parquet);
      expect(expected.rows).toBe(3000);
      const same = files.filter((name) => name !== parquet && name.split('.')[0] === parquet.split('.')[0]);
      expect(same.length).toBeGreaterThan(0);
      for (const name of same) expect(await read(name)).toEqual(expected);
    }
  }, 120_000);
});
