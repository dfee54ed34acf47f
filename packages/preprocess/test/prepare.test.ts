import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@gru4rec/dataset';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it } from 'vitest';
import { prepare } from '../src/index.ts';
import { readPlain } from './plain.ts';

const root = testFolder();

function folderOf(name: string, files: Record<string, string>): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return folder;
}

const row = (item: string) => `SessionId,ItemId,Time\n1,${item},5\n`;

describe('prepare, folders', () => {
  it('reads the files of a folder in order of name, and no others', async () => {
    const folder = folderOf('log', {
      'part-2.csv': row('c'),
      'part-10.CSV': row('b'),
      'part-1.csv': row('a'),
      'part-3.jsonl': '{"SessionId":1,"ItemId":"d","Time":5}\n',
      'README.txt': 'not events',
      _SUCCESS: '',
      '.part-1.csv.crc': 'crc',
      '_old.csv': 'not events',
    });
    mkdirSync(join(folder, 'nested.csv'));
    const output = join(root, 'out');
    const other = folderOf('alone', { 'last.csv': row('e') });
    const { manifest } = await prepare({ inputs: [folder, join(other, 'last.csv')], output });
    // Events with equal times keep the order of the files.
    expect((await readPlain(output)).items.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(manifest.preparation).toMatchObject({
      inputs: ['part-1.csv', 'part-10.CSV', 'part-2.csv', 'part-3.jsonl', 'last.csv'].map((file) => ({
        file,
      })),
    });
  });

  it('reads test files from a folder', async () => {
    const train = folderOf('train', { 'a.csv': row('a'), 'b.csv': row('b') });
    const test = folderOf('test', { 'a.csv': row('a'), 'b.csv': row('b') });
    const output = join(root, 'given');
    const { manifest } = await prepare({ inputs: [train], testInputs: [test], output });
    expect(manifest.counts.splits.test).toEqual({ sessions: 1, events: 2 });
  });

  it('refuses a folder without logs', async () => {
    const folder = folderOf('none', { 'README.txt': '' });
    const running = prepare({ inputs: [folder], output: join(root, 'nothing') });
    await expect(running).rejects.toThrow(DataError);
    await expect(running).rejects.toThrow(
      /^prepare: "input" expected files of events in the folder \(csv, .*\), got none, at .*none\.$/,
    );
  });
});
