import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readDataset } from '@gru4rec/dataset';
import { describe, expect, it } from 'vitest';
import { prepare } from '../src/index.ts';
import { header, useLogs } from './logs.ts';

const { written } = useLogs();

describe('prepare, a Parquet file nested 200,000 deep', () => {
  it('ends the process and leaves an older dataset as it was', async () => {
    const file = written(`${header}1,a,5\n1,b,6\n`);
    const folder = join(file, '..');
    const options = { inputs: [file], output: join(folder, 'out'), overwrite: true };
    await prepare(options);
    const deep = JSON.stringify({ ...options, inputs: [written(nestedParquet(200_000))] });
    const script = `import { prepare } from '${import.meta.resolve('../src/index.ts')}'; await prepare(${deep});`;
    const flags = ['--import', import.meta.resolve('tsx'), '--conditions=@gru4rec/source'];
    const { status } = spawnSync(process.execPath, [...flags, '--input-type=module', '--eval', script]);
    expect(status).toBe(null);
    expect((await readDataset(options.output)).itemIds.slice()).toEqual(['a', 'b']);
    await prepare(options);
    expect(readdirSync(folder)).toEqual(['log.csv', 'out']);
  });
});

/** A Parquet file with only a footer, in Thrift's compact protocol: columns, each within the one before, and no rows. */
function nestedParquet(depth: number): Buffer {
  const size = [depth & 127, (depth >> 7) & 127, depth >> 14].map((bits, at) => (at < 2 ? bits | 128 : bits));
  // A name and, except for the last, one child.
  const column = Buffer.from([0x48, 1, 97, 0x15, 2, 0]);
  const footer = Buffer.concat([
    Buffer.from([0x15, 2, 0x19, 0xfc, ...size]),
    Buffer.alloc(column.length * (depth - 1), column),
    Buffer.from([0x48, 1, 97, 0, 0x16, 0, 0x19, 0x0c, 0]),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([Buffer.from('PAR1'), footer, length, Buffer.from('PAR1')]);
}
