import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDataset, readItemInfo, readManifest } from '@gru4rec/sessions';
import { describe, expect, it } from 'vitest';
import { append, prepare } from '../src/index.ts';
import { testFolder } from './folder.ts';

const folder = testFolder();
const output = join(folder, 'dataset');

function write(name: string, lines: readonly string[]): string {
  const file = join(folder, name);
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return file;
}

const head = 'SessionId,ItemId,Time';
const log = write('log.csv', [head, 'a,x,1', 'a,y,2', 'b,x,11', 'b,y,12']);
const more = write('more.csv', [head, 'c,x,21', 'c,z,22']);
const items = write('items.csv', ['id,title', 'y,Yarn', 'z,Zip', 'x,Xylophone']);

async function infoOf(directory: string): Promise<string | undefined> {
  const bytes = await readItemInfo(directory, await readManifest(directory));
  return bytes && Buffer.from(bytes).toString();
}

describe('prepare with an items file', () => {
  it('keeps the rows of the dataset’s items beside the same data', async () => {
    const plain = await prepare({ inputs: [log], output, overwrite: true });
    expect(plain.itemInfo).toBeUndefined();
    expect(plain.manifest.itemInfo).toBeUndefined();
    const { manifest, itemInfo } = await prepare({ inputs: [log], output, items, overwrite: true });
    expect(itemInfo).toEqual({ items: 2, unknown: 1 });
    expect(manifest.checksum).toBe(plain.manifest.checksum);
    expect(manifest.preparation).toEqual(plain.manifest.preparation);
    expect(await infoOf(output)).toBe('{"id":"y","title":"Yarn"}\n{"id":"x","title":"Xylophone"}\n');
    expect((await readDataset(output)).itemIds.slice()).toEqual(['x', 'y']);
  });

  it('writes nothing if the file is wrong', async () => {
    const wrong = write('wrong.csv', ['title', 'Yarn']);
    const target = join(folder, 'none');
    await expect(prepare({ inputs: [log], output: target, items: wrong })).rejects.toThrow(
      'wrong.csv cannot',
    );
    await expect(readManifest(target)).rejects.toThrow('got nothing');
  });

  it('refuses a file that was changed afterwards', async () => {
    await prepare({ inputs: [log], output, items, overwrite: true });
    const file = join(output, 'item-info.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace('Yarn', 'Yawn'));
    await expect(infoOf(output)).rejects.toThrow(/SHA-256 expected .*item-info\.jsonl/);
    rmSync(file);
    await expect(infoOf(output)).rejects.toThrow(/got none.*item-info\.jsonl/);
  });
});

describe('append to a dataset with item info', () => {
  it('keeps the info, and adds that of new items with another file', async () => {
    await prepare({ inputs: [log], output, items, overwrite: true });
    const before = await infoOf(output);
    const { itemInfo, manifest } = await append({ inputs: [more], output });
    expect(itemInfo).toBeUndefined();
    expect(manifest.counts.items).toBe(3);
    expect(await infoOf(output)).toBe(before);
    const newer = write('newer.jsonl', ['{"id":"z","title":"Zip"}', '{"id":"y","title":"Yacht"}']);
    const later = write('later.csv', [head, 'd,x,31', 'd,z,32']);
    const second = await append({ inputs: [later], output, items: newer });
    expect(second.itemInfo).toEqual({ items: 3, unknown: 0 });
    expect(await infoOf(output)).toBe(
      '{"id":"z","title":"Zip"}\n{"id":"y","title":"Yacht"}\n{"id":"x","title":"Xylophone"}\n',
    );
  });

  it('takes a file for a dataset that had none', async () => {
    await prepare({ inputs: [log], output, overwrite: true });
    await append({ inputs: [more], output, items });
    expect((await infoOf(output))?.split('\n')).toHaveLength(4);
  });
});
