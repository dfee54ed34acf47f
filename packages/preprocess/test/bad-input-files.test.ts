import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readDataset } from '@gru4rec/sessions';
import { describe, expect, it } from 'vitest';
import { prepare } from '../src/index.ts';
import { header, useLogs } from './logs.ts';

const { root, written, messageFor } = useLogs();

function withWrongChecksum(gzip: Buffer): Buffer {
  const wrong = Buffer.from(gzip);
  wrong[gzip.length - 8] ^= 1;
  return wrong;
}

describe('prepare, bad input', () => {
  it.each([
    ['an empty file', '', 'prepare: "input" expected events, got an empty file, at FILE.'],
    ['only a header', header, 'prepare: "input" expected events, got only a header or blank lines, at FILE.'],
    [
      'a JSON array',
      '[{"SessionId":1}]',
      'prepare: "input" expected CSV, TSV, JSON Lines (one object a line), Parquet or Arrow, got a JSON array, at FILE.',
    ],
    [
      'a binary file',
      Buffer.from([1, 2, 0, 4]),
      'prepare: "input" expected CSV, TSV, JSON Lines (one object a line), Parquet or Arrow, got binary or UTF-16 content, at FILE.',
    ],
    [
      'an Arrow file that ends at once',
      'ARROW1',
      'prepare: "input" expected a sound arrow file, got a damaged one (it does not end as an Arrow file), at FILE.',
    ],
    [
      'a truncated gzip file',
      gzipSync(`${header}1,a,5\n1,b,6\n`).subarray(0, 30),
      'prepare: "input" expected a whole gzip file, got a damaged one (unexpected end of file), at FILE.',
    ],
    [
      'gzip within gzip',
      gzipSync(gzipSync(`${header}1,a,5\n`)),
      'prepare: "input" expected a file in gzip once, got gzip within gzip, at FILE. Unpack it.',
    ],
    [
      'a gzip file with a wrong checksum',
      withWrongChecksum(gzipSync(`${header}1,a,5\n1,b,6\n`)),
      'prepare: "input" expected a whole gzip file, got a damaged one (incorrect data check), at FILE.',
    ],
    ...[Buffer.alloc(1), Buffer.alloc(100_000), Buffer.concat([Buffer.alloc(3), gzipSync('1,c,7\n')])].map(
      (behind): [string, Buffer, string] => [
        `gzip followed by ${behind.length} bytes, zeros first`,
        Buffer.concat([gzipSync(`${header}1,a,5\n1,b,6\n`), behind]),
        'prepare: "input" expected a whole gzip file, got a damaged one (bytes after its end), at FILE.',
      ],
    ),
  ])('reports %s', async (_, content, message) => {
    expect(await messageFor(content)).toBe(message);
  });

  it('reports a damaged Parquet file', async () => {
    expect(await messageFor('PAR1 and then nothing')).toMatch(
      /^prepare: "input" expected a sound parquet file, got a damaged one \(Invalid Input Error: .*\), at FILE\.$/,
    );
  });

  it('reports a missing file and a device before it reads any file', async () => {
    const missing = join(root, 'missing.csv');
    const inputs = [written('broken'), missing];
    const output = join(root, 'never');
    await expect(prepare({ inputs, output })).rejects.toThrow(
      `prepare: "input" expected a file, got nothing, at ${missing}.`,
    );
    await expect(prepare({ inputs: ['/dev/null'], output })).rejects.toThrow(
      'prepare: "input" expected a file, got a device, at /dev/null.',
    );
    expect(readdirSync(root)).not.toContain('never');
  });

  it('reports no session left', async () => {
    expect(await messageFor(`${header}1,a,5\n2,b,6\n`)).toBe(
      '"train" expected at least one session, got none left, at FILE. ' +
        'The last step that removed events: sessions of fewer than 2 events (2).',
    );
  });

  it('names the split as what left no training session', async () => {
    expect(await messageFor(`${header}1,a,5\n1,b,6\n1,c,7\n`, { testDays: 1 })).toBe(
      '"train" expected at least one session, got none left, at FILE. ' +
        'The last step that removed events: split by time (3). Hold out fewer sessions.',
    );
  });

  it('reports an empty test split', async () => {
    const test = written(`${header}9,unknown,5\n9,unknown,6\n`);
    expect(await messageFor(`${header}1,a,5\n1,b,6\n`, { testInputs: [test] })).toBe(
      `"test" expected at least one session, got none left, at ${test}. ` +
        'The last step that removed events: items unknown to training (2).',
    );
  });

  it('keeps an older dataset on failure', async () => {
    const file = written(`${header}1,a,5\n1,b,6\n`);
    const output = join(file, '..', 'out');
    await prepare({ inputs: [file], output });
    writeFileSync(file, `${header}1,a,never\n`);
    await expect(prepare({ inputs: [file], output, overwrite: true })).rejects.toThrow('"never"');
    expect((await readDataset(output)).itemIds.slice()).toEqual(['a', 'b']);
    await expect(prepare({ inputs: [file], output })).rejects.toThrow('Choose another name or overwrite it');
  });
});
