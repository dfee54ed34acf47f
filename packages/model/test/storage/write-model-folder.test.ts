import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReferenceEngine } from '@gru4rec/engine-reference';
import { afterAll, describe, expect, it } from 'vitest';
import { ModelError } from '../../src/storage/model-error.ts';
import { writeModelFolder } from '../../src/storage/model-file.ts';
import { readModel } from '../../src/storage.node.ts';
import { train } from '../../src/training/train.ts';
import { tinyConfig, tinyData } from '../tiny-data.ts';

const root = mkdtempSync(join(tmpdir(), 'gru4rec-folder-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('writeModelFolder', () => {
  it('throws this package’s errors', async () => {
    const thesis = join(root, 'thesis');
    mkdirSync(thesis);
    writeFileSync(join(thesis, 'text'), '');
    const manifest = { name: 'model.json', make: () => new Uint8Array() };
    const error = await writeModelFolder(thesis, {}, manifest).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(ModelError);
    expect(error).toMatchObject({
      file: thesis,
      message: `${thesis} holds other files and no model.json. Name a new folder`,
    });
    const cause = new Error('no more');
    const failing = {
      ...manifest,
      make: () => {
        throw cause;
      },
    };
    await expect(writeModelFolder(join(root, 'new'), {}, failing)).rejects.toMatchObject({
      name: 'ModelError',
      message: `${join(root, 'new')} cannot be written`,
      cause,
    });
  });
});

describe('readModel', () => {
  it('completes a replacement that was killed between its renames', async () => {
    const target = join(root, 'killed', 'model');
    const engine = createReferenceEngine();
    const config = tinyConfig({ layers: [3], nEpochs: 1 });
    const [old, new_] = [
      await train(tinyData(), config, { engine }),
      await train(tinyData(4), config, { engine }),
    ];
    const workspace = join(root, 'killed', '.model.work-aaaaaa');
    await old.save(join(workspace, 'replaced'));
    await new_.save(join(workspace, 'whole'));
    writeFileSync(join(workspace, 'lock'), '');
    expect((await readModel(target)).tensors).toEqual(new_.tensors);
    await old.save(target);
    expect(readdirSync(join(root, 'killed'))).toEqual(['model']);
  });

  it('does not restore a removed model', async () => {
    const workspace = join(root, 'removed', '.model.work-aaaaaa');
    mkdirSync(join(workspace, 'replaced'), { recursive: true });
    writeFileSync(join(workspace, 'lock'), '');
    writeFileSync(join(workspace, 'replaced', 'model.json'), '{}');
    await expect(readModel(join(root, 'removed', 'model'))).rejects.toThrow('model.json cannot be read');
    expect(existsSync(join(root, 'removed', 'model'))).toBe(false);
  });
});
