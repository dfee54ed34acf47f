import { mkdirSync, writeFileSync } from 'node:fs';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it } from 'vitest';
import { Gru4Rec, loadModel } from '../../src/gru4rec.ts';
import { SESSION_WEIGHTS } from '../../src/parts/count-co-occurrences.ts';
import { pairNames } from '../../src/parts/pair-tables.ts';
import { ModelError, manifestChecksum } from '../../src/storage/manifest.ts';
import { writeModelFolder } from '../../src/storage/model-file.ts';
import { saveModel } from '../../src/storage/model-folder.ts';
import type { StoredTensor } from '../../src/storage/tensors.ts';
import { readModel, readModelItemInfo } from '../../src/storage.node.ts';
import { tinyData, trainTiny } from '../tiny-data.ts';

const engine = createWasmEngine();
const root = testFolder();
const saved = join(root, 'saved');
const fitted = { engine, validation: tinyData().train };
const model = await trainTiny(
  { momentum: 0.2, logq: 1, parts: ['network', 'repeats', 'co-occurrences'] },
  fitted,
);
await model.save(saved);

/** A changed copy of the saved model. */
async function damaged(name: string, change: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(root, name);
  await cp(saved, folder, { recursive: true });
  await change(folder);
  return folder;
}

/** Changes a manifest and its checksum. */
async function editManifest(
  folder: string,
  edit: (manifest: Record<string, unknown>) => void,
): Promise<void> {
  const file = join(folder, 'model.json');
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  edit(manifest);
  manifest.checksum = manifestChecksum(manifest);
  await writeFile(file, JSON.stringify(manifest));
}

describe('save and loadModel', () => {
  it('restores configuration, items, history, parameters and optimiser state', async () => {
    const loaded = await loadModel(saved, { engine });
    expect(loaded.config).toEqual(model.config);
    expect(loaded.itemIds.slice()).toEqual(model.itemIds.slice());
    expect(loaded.history).toEqual(model.history);
    expect(loaded.tensors).toEqual(model.tensors);
    expect(loaded.recentClicks).toEqual(model.recentClicks);
  });

  it('leaves out the optimiser state: it is neither read nor checked, and zeros', async () => {
    const folder = await damaged('no-state', (copy) => rm(join(copy, 'optimizer.safetensors')));
    await expect(loadModel(folder, { engine })).rejects.toThrow(ModelError);
    const loaded = await loadModel(folder, { engine, optimizer: false });
    const isSlot = ({ kind }: { readonly kind: string }) => kind === 'slot';
    expect(loaded.tensors.filter((tensor) => !isSlot(tensor))).toEqual(
      model.tensors.filter((tensor) => !isSlot(tensor)),
    );
    const states = loaded.tensors.filter(isSlot);
    expect(states.map(({ name }) => name)).toEqual(model.tensors.filter(isSlot).map(({ name }) => name));
    expect(states.length).toBeGreaterThan(0);
    expect(states.every(({ values }) => values.every((value) => value === 0))).toBe(true);
    await loaded.save(join(root, 'zeros'));
    expect((await loadModel(join(root, 'zeros'), { engine })).tensors).toEqual(loaded.tensors);
  });

  it.each([true, false])('reads a model of an earlier version, with co-occurrences %s', async (hasTables) => {
    const { config, itemIds, history, tensors } = model;
    const { parts: _, ...others } = config;
    const tables: readonly string[] = Object.values(pairNames('co-occurrences'));
    const length = config.repeatLength;
    const older = tensors.flatMap((tensor): StoredTensor[] => {
      const { name, values } = tensor;
      const [w, v, a] = values.slice(length) as unknown as [number, number, number];
      const vector = (part: string, rows: number, of: Float32Array): StoredTensor => {
        return { ...tensor, name: `repeat.${part}`, rows, cols: of.length / rows, values: of };
      };
      if (name === 'repeats.weights') {
        const matrix = new Float32Array((length + 1) * length).fill(v, length * length);
        for (let k = 0; k < length; k++) matrix[k * length + k] = w;
        const own = new Float32Array(length).fill(a);
        return [
          vector('c', 1, values.slice(0, length)),
          vector('V', length + 1, matrix),
          vector('a', 1, own),
        ];
      }
      if (name === SESSION_WEIGHTS) return [];
      if (name === 'co-occurrences.weights') return hasTables ? [vector('w', 1, values)] : [];
      if (!tables.includes(name)) return [tensor];
      return hasTables ? [{ ...tensor, name: name.replace('co-occurrences', 'neighbours') }] : [];
    });
    const olderConfig = { ...others, repeatBias: 'auto', freshness: 'none' } as unknown as typeof config;
    const folder = join(root, `older-${hasTables}`);
    const written = { config: olderConfig, itemIds, history, tensors: older };
    await saveModel(written, folder, {});
    const neighbours = older.find(({ name }) => name === 'neighbours.items')?.cols;
    await editManifest(folder, (manifest) => Object.assign(manifest, neighbours ? { neighbours } : {}));
    const loaded = await loadModel(folder, { engine });
    expect(loaded.config).toEqual(config);
    const byName = (some: readonly StoredTensor[]) => some.toSorted((x, y) => (x.name < y.name ? -1 : 1));
    const expected = tensors.filter(
      ({ name }) => name !== SESSION_WEIGHTS && (hasTables || !tables.includes(name)),
    );
    const zeros = (tensor: StoredTensor) =>
      !hasTables && tensor.name === 'co-occurrences.weights'
        ? { ...tensor, values: new Float32Array(1) }
        : tensor;
    expect(byName(loaded.tensors)).toEqual(byName(expected.map(zeros)));
    const scores = loaded.scorer().open(1).step(Int32Array.of(3), Float32Array.of(1));
    const now = model.scorer().open(1).step(Int32Array.of(3), Float32Array.of(1));
    expect(scores.every((score, item) => score === now[item])).toBe(hasTables);
  });

  it('restores a model without recent clicks', async () => {
    const folder = join(root, 'no-clicks');
    // Of fewer items: the others came after training.
    const trending = { clicks: Float32Array.of(0.5, 2), halfLifeMs: 3_600_000, lastMs: 1.5e12 };
    await new Gru4Rec({ ...model, recentClicks: undefined, trending, engine }).save(folder);
    const loaded = await loadModel(folder, { engine });
    expect(loaded.recentClicks).toBeUndefined();
    expect(loaded.trending).toEqual(trending);
  });

  it('names a model by the checksum of its manifest', async () => {
    const { checksum } = JSON.parse(await readFile(join(saved, 'model.json'), 'utf8'));
    expect((await readModel(saved)).checksum).toBe(checksum);
  });

  it('writes safetensors: a header, then the values in its order', async () => {
    const bytes = await readFile(join(saved, 'model.safetensors'));
    const end = 8 + Number(bytes.readBigUInt64LE());
    expect(end % 8).toBe(0);
    const header = JSON.parse(bytes.subarray(8, end).toString());
    const parameters = model.tensors.filter(({ kind }) => kind !== 'slot');
    expect(Object.keys(header)).toEqual([...parameters.map(({ name }) => name), 'recentClicks'].sort());
    for (const { name, rows, cols, values } of parameters) {
      const { dtype, shape, data_offsets } = header[name];
      expect({ dtype, shape }).toEqual({ dtype: 'F32', shape: [rows, cols] });
      const [from, to] = data_offsets.map((offset: number) => end + offset);
      expect(
        bytes.subarray(from, to).equals(Buffer.from(values.buffer, values.byteOffset, values.byteLength)),
      ).toBe(true);
    }
  });

  it.each<[object, string]>([
    [{ format: 'other' }, 'model.json is not a model'],
    [{ version: 1 }, 'has format version 1; this program reads 2. Train it again'],
    [{ config: { loss: 'x' } }, 'holds a configuration that is not valid'],
    [{ itemCount: 7 }, 'items.arrow expected 7 items as in model.json, got 30'],
  ])('refuses a manifest with %j, naming the file', async (values, text) => {
    const name = `with-${Object.keys(values)[0]}`;
    const folder = await damaged(name, (copy) => editManifest(copy, (m) => Object.assign(m, values)));
    await expect(loadModel(folder, { engine })).rejects.toThrow(ModelError);
    await expect(loadModel(folder, { engine })).rejects.toThrow(text);
  });
});

describe('item info of a model folder', () => {
  it('is saved under a checksum, and read only on request', async () => {
    const [without, saved] = [join(root, 'without'), join(root, 'with')];
    await model.save(without);
    expect(await readModelItemInfo(without)).toBeUndefined();
    const itemInfo = Buffer.from('{"id":"a","title":"Shoe"}\n');
    await model.save(saved, { itemInfo, dataset: { checksum: 'c', directory: 'd' } });
    expect(await readModelItemInfo(saved)).toEqual(new Uint8Array(itemInfo));
    expect((await loadModel(saved, { engine })).tensors).toEqual(model.tensors);
    expect(JSON.parse(await readFile(join(saved, 'model.json'), 'utf8'))).not.toHaveProperty('itemInfo');
  });

  it('is refused if it was changed', async () => {
    const saved = join(root, 'changed');
    await model.save(saved, { itemInfo: Buffer.from('{"id":"a"}\n') });
    await writeFile(join(saved, 'item-info.jsonl'), '{"id":"b"}\n');
    await expect(readModelItemInfo(saved)).rejects.toThrow(
      /item-info\.jsonl differs from the checksum in model\.json/,
    );
  });
});

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
  });
});
