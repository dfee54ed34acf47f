import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it } from 'vitest';
import { prepare } from '../../src/index.ts';
import { unpack } from '../../src/input/input-file.ts';

const folder = testFolder();
let count = 0;

function packed(text: string): { file: string; path: string } {
  const file = join(folder, `log-${count++}.gz`);
  writeFileSync(file, gzipSync(text));
  return { file, path: `${file}.plain` };
}

describe('unpack', () => {
  it('unpacks up to the limit, and not more', async () => {
    const text = 'a'.repeat(100_000);
    const whole = packed(text);
    await unpack(whole.file, whole.path, 100_000);
    expect(readFileSync(whole.path, 'utf8')).toBe(text);
    const over = packed(`${text}b`);
    await expect(unpack(over.file, over.path, 100_000)).rejects.toThrow(
      `prepare: "input" expected a gzip file of at most 100000 bytes unpacked, got more, at ${over.file}. If it is no bomb, unpack it first.`,
    );
    expect(existsSync(over.path) ? statSync(over.path).size : 0).toBeLessThanOrEqual(100_000);
  });

  it('allows 1 GiB for a small file, whatever its ratio', async () => {
    const { file, path } = packed('a'.repeat(20_000_000));
    expect(statSync(file).size).toBeLessThan(20_000_000 / 100);
    await unpack(file, path);
    expect(statSync(path).size).toBe(20_000_000);
  });
});

describe('prepare', () => {
  it('refuses a gzip file with more than maxUnpackedBytes', async () => {
    const { file } = packed('SessionId,ItemId,Time\n1,a,1\n1,b,2\n');
    const options = { inputs: [file], output: join(folder, 'data') };
    await expect(prepare({ ...options, maxUnpackedBytes: 20 })).rejects.toThrow(
      'of at most 20 bytes unpacked',
    );
    expect(existsSync(options.output)).toBe(false);
    expect((await prepare({ ...options, maxUnpackedBytes: 1000 })).manifest.counts.items).toBe(2);
    await expect(prepare({ ...options, maxUnpackedBytes: 0 })).rejects.toThrow(
      'prepare: "maxUnpackedBytes" expected integer >= 1, got 0.',
    );
  });
});
