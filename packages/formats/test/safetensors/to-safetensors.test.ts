import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Gru4Rec, loadModel, type StoredModel, type StoredTensor } from '@gru4rec/model';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it } from 'vitest';
import type { ExportedModel } from '../../src/exported-model.ts';
import { readSafetensors } from '../../src/safetensors/from-safetensors.ts';
import { writeSafetensors } from '../../src/safetensors/to-safetensors.ts';
import {
  clickColumns,
  clicked,
  configurations,
  drawEvents,
  drawModel,
  engines,
  featured,
} from '../drawn-models.ts';
import { runPython } from '../python.ts';

const folder = testFolder();
const [, engine] = engines[0]!;
/** Writes a model to a file and reads it. */
async function moved(model: ExportedModel): Promise<StoredModel> {
  const file = join(folder, 'moved.safetensors');
  await writeSafetensors(model, file);
  return readSafetensors(file);
}

const parametersOf = (model: Pick<Gru4Rec, 'tensors'>) => model.tensors.filter(({ kind }) => kind !== 'slot');

/** Expects the scores of a model, bit for bit, of what was read. */
function expectScores(read: StoredModel, model: Gru4Rec): void {
  const models = [model, new Gru4Rec({ ...read, engine })];
  const sessions = models.map((m) => m.scorer(clickColumns).open(3));
  for (const { input, resetMask, context } of drawEvents(3, 5, model.itemIds.length)) {
    const [expected, got] = sessions.map((session) => [...session.step(input, resetMask, context)]);
    expect(got).toEqual(expected);
  }
  for (const session of sessions) session.close();
}

describe('writeSafetensors and readSafetensors', () => {
  it.each(configurations)('restore a model whose scores are the same bit for bit: %s', async (_, values) => {
    const model = drawModel(values);
    const read = await moved(model);
    expect(read.config).toEqual(model.config);
    expect(read.itemIds.slice()).toEqual(model.itemIds.slice());
    expect(read.history).toEqual([]);
    expect(parametersOf(read)).toEqual(parametersOf(model));
    expectScores(read, model);
  });

  it.each(featured)('hold the composed rows of a model with %s, which scores alike', async (_, values) => {
    const model = drawModel(values);
    const read = await moved(model);
    expect(read.config).toEqual({ ...model.config, itemFeatures: [] });
    const composed = parametersOf(model).filter(({ name }) => !/^(own|features)\./.test(name));
    expect(parametersOf(read)).toEqual(expect.arrayContaining(composed));
    expect(parametersOf(read)).toHaveLength(composed.length);
    expectScores(read, model);
  });

  it.each(clicked)('keep which values of clicks are features: %s', async (_, values) => {
    const model = drawModel(values);
    const read = await moved(model);
    expect(read.clickVocabulary).toEqual(model.clickVocabulary);
    expectScores(read, model);
    for (const clickVocabulary of [undefined, { columns: [] }, { columns: [{ name: 'x', values: ['y'] }] }]) {
      await expect(moved({ ...model, clickVocabulary })).rejects.toThrow(
        'holds a configuration that is not valid',
      );
    }
  });

  it('reset the optimiser, with all its values', async () => {
    const model = drawModel({ optimizer: 'adam' });
    const read = await moved(model);
    expect(read.tensors.map(({ name }) => name)).toEqual(model.tensors.map(({ name }) => name));
    const slots = read.tensors.filter(({ kind }) => kind === 'slot');
    expect(slots.length).toBeGreaterThan(0);
    expect(slots.every(({ values }) => values.every((value) => value === 0))).toBe(true);
  });

  it('keep any item id', async () => {
    const itemIds = ['', ' ', '\uFEFF', '"', '\n', 'é', '😀', '0', '__proto__', 'a'.repeat(1000)];
    const model = drawModel({}, itemIds.length);
    const read = await moved({ ...model, itemIds });
    expect(read.itemIds.slice()).toEqual(itemIds);
    await expect(moved({ ...model, itemIds: ['a', '\ud83d'] })).rejects.toThrow(
      '"itemId" expected UTF-8, got a lone surrogate in "\\ud83d", at index 1',
    );
  });

  it('give a model that can be saved', async () => {
    const model = drawModel({ layers: [5, 4] });
    await new Gru4Rec({ ...(await moved(model)), engine }).save(join(folder, 'model'));
    const loaded = await loadModel(join(folder, 'model'), { engine });
    expect(parametersOf(loaded)).toEqual(parametersOf(model));
  });

  it('name a file that cannot be read or written', async () => {
    const missing = join(folder, 'nowhere.safetensors');
    await expect(readSafetensors(missing)).rejects.toThrow(`${missing} cannot be read`);
    await expect(readSafetensors(folder)).rejects.toThrow(`${folder} is a folder`);
    mkdirSync(join(folder, 'taken'));
    await expect(writeSafetensors(drawModel(), join(folder, 'taken'))).rejects.toThrow(
      `${join(folder, 'taken')} cannot be written`,
    );
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

const reader = `
import json, sys
from safetensors import safe_open
from safetensors.numpy import load_file
tensors = {}
for path in sys.argv[1:]:
    tensors.update(load_file(path))
with safe_open(sys.argv[1], framework='numpy') as file:
    metadata = file.metadata() or {}
ids = []
if 'items.utf8' in tensors:
    utf8, offsets = tensors['items.utf8'].tobytes(), tensors['items.offsets']
    ids = [utf8[a:b].decode() for a, b in zip(offsets, offsets[1:])]
values = {name: [str(t.dtype), list(t.shape), [float(x).hex() for x in t.flatten()]] for name, t in tensors.items() if not name.startswith('items.')}
print(json.dumps([metadata.get('format'), ids, values]))
`;
const writer = `
import sys
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
tensors = load_file(sys.argv[1])
with safe_open(sys.argv[1], framework='numpy') as file:
    metadata = file.metadata()
tensors['by'] = tensors['by'] + 1
save_file(tensors, sys.argv[2], metadata=metadata)
`;

/** Parses a float in Python's hexadecimal notation. */
function fromHex(text: string): number {
  const [, sign, whole, fraction = '', power] = /^(-?)0x(\d)\.?([0-9a-f]*)p([+-]\d+)$/.exec(text)!;
  const mantissa = Number.parseInt(whole! + fraction, 16) / 16 ** fraction.length;
  return (sign ? -1 : 1) * mantissa * 2 ** Number(power);
}

describe('safetensors in Python', () => {
  const file = join(folder, 'ours.safetensors');
  const model = drawModel({ cell: 'lstm', layers: [6, 3], constrainedEmbedding: false, embedding: 4 });

  function expectValues(found: Record<string, unknown>, expected: readonly StoredTensor[]): void {
    expect(Object.keys(found).sort()).toEqual(expected.map(({ name }) => name).sort());
    for (const { name, rows, cols, values } of expected) {
      const [dtype, shape, numbers] = found[name] as [string, number[], string[]];
      expect([dtype, shape]).toEqual(['float32', [rows, cols]]);
      expect(numbers.map(fromHex)).toEqual([...values]);
    }
  }

  it('reads our files', async (ctx) => {
    await writeSafetensors(model, file);
    const [format, ids, values] = JSON.parse(runPython(ctx, ['safetensors', 'numpy'], reader, file));
    expect(format).toBe('gru4rec-model');
    expect(ids).toEqual(model.itemIds.slice());
    expectValues(values, parametersOf(model));
  });

  it('reads those of a model folder', async (ctx) => {
    const place = join(folder, 'shop');
    await model.save(place);
    const files = ['model.safetensors', 'optimizer.safetensors'].map((name) => join(place, name));
    const [, , values] = JSON.parse(runPython(ctx, ['safetensors', 'numpy'], reader, ...files));
    expectValues(values, model.tensors);
  });

  it('writes files that we read', async (ctx) => {
    await writeSafetensors(model, file);
    const theirs = join(folder, 'theirs.safetensors');
    runPython(ctx, ['safetensors', 'numpy'], writer, file, theirs);
    const read = await readSafetensors(theirs);
    expect(read.itemIds.slice()).toEqual(model.itemIds.slice());
    for (const { name, values } of parametersOf(model)) {
      const expected = name === 'by' ? values.map((value) => value + 1) : values;
      expect(read.tensors.find((t) => t.name === name)?.values).toEqual(expected);
    }
  });
});
