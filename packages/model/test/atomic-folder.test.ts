import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReferenceEngine } from '@gru4rec/engine-reference';
import { afterAll, describe, expect, it } from 'vitest';
import { writeFolder } from '../src/atomic-folder.ts';
import { readModel } from '../src/checkpoint.ts';
import { train } from '../src/train.ts';
import { tinyConfig, tinyData } from './tiny-data.ts';

const root = mkdtempSync(join(tmpdir(), 'gru4rec-folder-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const gone = spawnSync(process.execPath, ['-e', '']).pid;
const host = hostname()
  .replace(/[^\w.-]/g, '')
  .slice(0, 40);
const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Writes a folder of one file and its manifest. */
function write(directory: string, text: string): Promise<void> {
  const manifest = { name: 'list.json', make: (sums: object) => bytesOf(JSON.stringify(sums)) };
  return writeFolder(directory, { 'a.txt': [bytesOf(text)] }, manifest);
}

describe('writeFolder', () => {
  it('writes the files, then the manifest of their checksums', async () => {
    const target = join(root, 'deep', 'new');
    await write(target, 'abc');
    expect(readFileSync(join(target, 'a.txt'), 'utf8')).toBe('abc');
    expect(JSON.parse(readFileSync(join(target, 'list.json'), 'utf8'))).toEqual({
      // FIPS 180-2, appendix B.1.
      'a.txt': 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    });
    expect(readdirSync(join(root, 'deep'))).toEqual(['new']);
  });

  it('leaves the older folder as it was when a piece cannot be made', async () => {
    const target = join(root, 'failing', 'folder');
    await write(target, 'old');
    const pieces = function* () {
      yield bytesOf('new');
      throw new Error('no more');
    };
    const manifest = { name: 'list.json', make: () => bytesOf('{}') };
    await expect(writeFolder(target, { 'a.txt': pieces() }, manifest)).rejects.toThrow('cannot be written');
    expect(readFileSync(join(target, 'a.txt'), 'utf8')).toBe('old');
    expect(readdirSync(join(root, 'failing'))).toEqual(['folder']);
  });

  it('removes what killed processes left of its kind, and nothing else', async () => {
    const place = join(root, 'leftovers');
    const kept = [
      `.m.${process.ppid}@${host}.aaaaaa`, // runs
      `.m.${gone}@another-${host}.aaaaaa`, // may run there
      `.m.${gone}@${host}.thesis`, // holds other things
      '.m-2.backup',
    ];
    for (const name of kept)
      mkdirSync(join(place, name, name.endsWith('thesis') ? 'text' : 'whole'), { recursive: true });
    mkdirSync(join(place, `.m.${gone}@${host}.bbbbbb`, 'whole'), { recursive: true });
    mkdirSync(join(place, `.m.${process.pid}@${host}.cccccc`, 'whole'), { recursive: true });
    await write(join(place, 'm'), 'x');
    expect(readdirSync(place).sort()).toEqual([...kept, 'm'].sort());
  });

  it('two at once both end, and one of them stays', async () => {
    const target = join(root, 'both', 'folder');
    await Promise.all([write(target, 'one'), write(target, 'two')]);
    expect(['one', 'two']).toContain(readFileSync(join(target, 'a.txt'), 'utf8'));
    expect(readdirSync(join(root, 'both'))).toEqual(['folder']);
  });
});

describe('readModel', () => {
  it('ends a replacement that was killed between its renames', async () => {
    const target = join(root, 'killed', 'model');
    const engine = createReferenceEngine();
    const config = tinyConfig({ layers: [3], nEpochs: 1 });
    const [old, new_] = [
      await train(tinyData(), config, { engine }),
      await train(tinyData(4), config, { engine }),
    ];
    const workspace = join(root, 'killed', `.model.${gone}@${host}.aaaaaa`);
    await old.save(join(workspace, 'replaced'));
    await new_.save(join(workspace, 'whole'));
    expect((await readModel(target)).tensors).toEqual(new_.tensors);
    await old.save(target);
    expect(readdirSync(join(root, 'killed'))).toEqual(['model']);
  });

  it('does not bring back a model that was removed', async () => {
    const workspace = join(root, 'removed', `.model.${gone}@${host}.aaaaaa`, 'replaced');
    mkdirSync(workspace, { recursive: true });
    writeFileSync(join(workspace, 'model.json'), '{}');
    await expect(readModel(join(root, 'removed', 'model'))).rejects.toThrow('model.json cannot be read');
    expect(existsSync(join(root, 'removed', 'model'))).toBe(false);
  });
});
