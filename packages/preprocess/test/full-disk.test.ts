import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@gru4rec/dataset';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it, onTestFinished } from 'vitest';
import { failureOf, nameFile } from '../src/backends/duckdb/duckdb.ts';
import { prepare } from '../src/index.ts';

const folder = testFolder();
// Variables, because knip takes a literal command name for a missing package.
const [mount, umount] = ['mount', 'umount'] as const;

describe('prepare, small machines', () => {
  it('reports a full disk and leaves nothing', async (ctx) => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    const mounted = spawnSync(mount, ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
    if (mounted.status !== 0) ctx.skip('mounting a small disk takes Linux and root');
    onTestFinished(() => void spawnSync(umount, [disk]));
    const file = join(folder, 'log.tsv');
    const rows = Array.from(
      { length: 60_000 },
      (_, row) => `session ${row >> 1}\titem ${row % 100}\t${row}\n`,
    );
    writeFileSync(file, `SessionId\tItemId\tTime\n${rows.join('')}`);
    await expect(prepare({ inputs: [file], output: join(disk, 'out') })).rejects.toThrow(
      `prepare: "output" expected free space on its disk, got a full disk, at ${disk}. Free some or choose another disk.`,
    );
    expect(readdirSync(disk)).toEqual([]);
  });
});

describe('failureOf', () => {
  it('distinguishes a full disk and too little memory from other errors', () => {
    const noSpace = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    expect(failureOf(noSpace, '/data')).toBeInstanceOf(DataError);
    const memory = failureOf(new Error('Out of Memory Error: could not allocate block\nhint'), '/data');
    expect((memory as Error).message).toBe(
      'prepare: "memoryLimit" expected more memory, got: Out of Memory Error: could not allocate block. Raise it.',
    );
    const refused = failureOf(new Error('Out of Memory Error: Allocation failure'), '/data');
    expect((refused as Error).message).toBe(
      'prepare: "memoryLimit" expected more memory, got: Out of Memory Error: Allocation failure. ' +
        'The system gives this process no more: free memory, or raise its limit (ulimit -v).',
    );
    const other = new Error('something else');
    expect(failureOf(other, '/data')).toBe(other);
  });
});

describe('nameFile', () => {
  it('adds the file to runtime errors, and keeps other errors', () => {
    const deep = nameFile(new RangeError('Maximum call stack size exceeded'), 'log.jsonl');
    expect(deep).toBeInstanceOf(DataError);
    expect((deep as Error).message).toBe(
      'prepare: "input" expected a sound file, got one that cannot be read (Maximum call stack size exceeded), at log.jsonl.',
    );
    const own = new DataError('prepare: no', { file: 'other' });
    const system = Object.assign(new Error('EIO'), { code: 'EIO' });
    const memory = new RangeError('Array buffer allocation failed');
    for (const error of [own, system, memory, 'text']) expect(nameFile(error, 'log')).toBe(error);
  });
});
