import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { testFolder } from '@gru4rec/test-support/folder';
import { tableFromIPC } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { ItemIdTable } from '../src/ids/index.ts';
import { DataError, readDataset, replaceDataset, writeDataset } from '../src/index.ts';
import { chunkOf, sourceOf } from './table.ts';

const folder = testFolder();
let count = 0;
const newName = () => join(folder, `dataset-${count++}`);

describe('writeDataset', () => {
  it('writes a dataset that readDataset reads', async () => {
    const directory = newName();
    const source = sourceOf('01 210', 3, { validation: '11', test: '2001' });
    const manifest = await writeDataset(directory, { ...source, preparation: { minSessionLength: 2 } });
    const dataset = await readDataset(directory);
    expect(dataset.manifest).toEqual(manifest);
    expect(dataset.manifest.preparation).toEqual({ minSessionLength: 2 });
    expect(dataset.manifest.counts).toEqual({
      items: 3,
      splits: {
        train: { sessions: 2, events: 2 + 3 },
        validation: { sessions: 1, events: 2 },
        test: { sessions: 1, events: 4 },
      },
    });
    expect(dataset.itemIds.slice()).toEqual(['i0', 'i1', 'i2']);
    expect(dataset.support).toEqual(Int32Array.of(2, 2, 1));
    expect(dataset.train).toEqual({
      ...chunkOf('01 210'),
      sessionStartTimes: Float64Array.of(0, 1000),
      blocks: [{ sessions: 2, events: 5, sessionsWithPairs: 2, pairs: 1 + 2 }],
      checksum: manifest.files['train.arrow']?.sha256,
    });
    expect(dataset.test).toEqual({
      ...chunkOf('2001'),
      sessionStartTimes: Float64Array.of(0),
      blocks: [{ sessions: 1, events: 4, sessionsWithPairs: 1, pairs: 3 }],
      checksum: manifest.files['test.arrow']?.sha256,
    });
  });

  it('leaves out missing splits', async () => {
    const directory = newName();
    await writeDataset(directory, sourceOf('00', 1));
    expect(readdirSync(directory).sort()).toEqual(['dataset.json', 'items.arrow', 'train.arrow']);
    const dataset = await readDataset(directory);
    expect(dataset.validation).toBeUndefined();
    expect(dataset.test).toBeUndefined();
  });

  it('keeps all ids exact', async () => {
    const itemIds = ['12345678901234567890123', 'Schuhe 👟', ' spaced ', '007', '', '\uFEFFmarked'];
    const directory = newName();
    const source = sourceOf('012345', 6);
    await writeDataset(directory, { ...source, items: [{ itemIds, support: new Int32Array(6).fill(1) }] });
    expect((await readDataset(directory)).itemIds.slice()).toEqual(itemIds);
  });

  it('writes a table of item ids as texts, in record batches of at most 65,536', async () => {
    const itemIds = Array.from({ length: 65_536 + 10 }, (_, item) => `item ${item}`);
    const items = [{ itemIds: ItemIdTable.from(itemIds), support: new Int32Array(itemIds.length) }];
    const directory = newName();
    await writeDataset(directory, { items, splits: { train: [] } });
    expect((await readDataset(directory)).itemIds.slice().join() === itemIds.join()).toBe(true);
    const table = tableFromIPC(readFileSync(join(directory, 'items.arrow')));
    expect(table.batches.map((batch) => batch.numRows)).toEqual([65_536, 10]);
  });

  it('replaces a dataset only with overwrite', async () => {
    const directory = newName();
    await writeDataset(directory, sourceOf('00', 1));
    await expect(writeDataset(directory, sourceOf('01', 2))).rejects.toThrow(
      `writeDataset: "directory" expected a new folder, got a session dataset, at ${directory}. ` +
        'Choose another name or replace it ("overwrite").',
    );
    await writeDataset(directory, sourceOf('01', 2), { overwrite: true });
    expect((await readDataset(directory)).itemIds.slice()).toEqual(['i0', 'i1']);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('never replaces another folder', async () => {
    const directory = newName();
    await mkdir(directory);
    writeFileSync(join(directory, 'thesis.txt'), 'mine');
    await expect(writeDataset(directory, sourceOf('00', 1), { overwrite: true })).rejects.toThrow(
      `writeDataset: "directory" expected a new folder or a session dataset, got another folder, at ${directory}. Choose another name.`,
    );
    await expect(writeDataset(join(directory, 'thesis.txt'), sourceOf('00', 1))).rejects.toThrow(
      'got a file',
    );
    expect(readdirSync(directory)).toEqual(['thesis.txt']);
  });

  it('accepts an empty folder and creates missing ones', async () => {
    const directory = newName();
    await mkdir(directory);
    await writeDataset(directory, sourceOf('00', 1));
    await writeDataset(join(directory, '..', `nested-${count++}`, 'deep'), sourceOf('00', 1));
    expect((await readDataset(directory)).itemIds.slice()).toEqual(['i0']);
  });
});

describe('replaceDataset', () => {
  it('leaves only the older dataset if filling fails', async () => {
    const directory = newName();
    await writeDataset(directory, sourceOf('00', 1));
    const failing = replaceDataset(directory, { overwrite: true }, async (half, scratch) => {
      writeFileSync(join(half, 'train.arrow'), 'half');
      writeFileSync(join(scratch, 'spill'), 'half');
      throw new DataError('no more', { file: 'log.csv', row: 3, column: 'Time' });
    });
    await expect(failing).rejects.toMatchObject({ file: 'log.csv', row: 3, column: 'Time' });
    expect((await readDataset(directory)).itemIds.slice()).toEqual(['i0']);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(existsSync(directory)).toBe(true);
  });

  it('reports a folder that cannot be written', async () => {
    const file = newName();
    writeFileSync(file, 'mine');
    const target = join(file, 'deep');
    await expect(writeDataset(target, sourceOf('00', 1))).rejects.toThrow(
      `writeDataset: "directory" expected in a writable folder, got ${file}, at ${target}. Choose another place.`,
    );
  });
});
