import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Gru4Rec, loadModel } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import { fromSafetensors, readSafetensors } from '../../src/safetensors/from-safetensors.ts';
import { toSafetensors, writeSafetensors } from '../../src/safetensors/to-safetensors.ts';
import {
  clickColumns,
  clicked,
  configurations,
  drawEvents,
  drawModel,
  engines,
  featured,
} from '../drawn-models.ts';
import { testFolder } from '../folder.ts';
import { runPython } from '../python.ts';

const folder = testFolder();
const [, engine] = engines[0]!;
const parametersOf = (model: Pick<Gru4Rec, 'tensors'>) => model.tensors.filter(({ kind }) => kind !== 'slot');

describe('toSafetensors and fromSafetensors', () => {
  it.each(configurations)('restore a model whose scores are the same bit for bit: %s', async (_, values) => {
    const model = drawModel(values);
    const read = await fromSafetensors(toSafetensors(model));
    expect(read.config).toEqual(model.config);
    expect(read.itemIds.slice()).toEqual(model.itemIds.slice());
    expect(read.history).toEqual([]);
    expect(parametersOf(read)).toEqual(parametersOf(model));
    const sessions = [model, new Gru4Rec({ ...read, engine })].map((m) => m.scorer().open(3));
    for (const { input, resetMask } of drawEvents(3, 5, model.itemIds.length)) {
      const [expected, got] = sessions.map((session) => [...session.step(input, resetMask)]);
      expect(got).toEqual(expected);
    }
    for (const session of sessions) session.close();
  });

  it.each(featured)('hold the composed rows of a model with %s, which scores alike', async (_, values) => {
    const model = drawModel(values);
    const read = await fromSafetensors(toSafetensors(model));
    expect(read.config).toEqual({ ...model.config, itemFeatures: [] });
    const composed = model.tensors.filter(
      ({ kind, name }) => kind !== 'slot' && !/^(own|features)\./.test(name),
    );
    expect(parametersOf(read)).toEqual(expect.arrayContaining(composed));
    expect(parametersOf(read)).toHaveLength(composed.length);
    const sessions = [model, new Gru4Rec({ ...read, engine })].map((m) => m.scorer().open(3));
    for (const { input, resetMask } of drawEvents(3, 5, model.itemIds.length)) {
      const [expected, got] = sessions.map((session) => [...session.step(input, resetMask)]);
      expect(got).toEqual(expected);
    }
    for (const session of sessions) session.close();
  });

  it.each(clicked)('keep which values of clicks are features: %s', async (_, values) => {
    const model = drawModel(values);
    const read = await fromSafetensors(toSafetensors(model));
    expect(read.clickVocabulary).toEqual(model.clickVocabulary);
    const models = [model, new Gru4Rec({ ...read, engine })];
    const sessions = models.map((m) => m.scorer(clickColumns).open(3));
    for (const { input, resetMask, context } of drawEvents(3, 5, model.itemIds.length)) {
      const [expected, got] = sessions.map((session) => [...session.step(input, resetMask, context)]);
      expect(got).toEqual(expected);
    }
    for (const session of sessions) session.close();
    for (const clickVocabulary of [undefined, { columns: [] }, { columns: [{ name: 'x', values: ['y'] }] }]) {
      await expect(fromSafetensors(toSafetensors({ ...model, clickVocabulary }))).rejects.toThrow(
        'expected "click_vocabulary" in its metadata with the values of "',
      );
    }
  });

  it('reset the optimiser, with all its values', async () => {
    const model = drawModel({ optimizer: 'adam' });
    const read = await fromSafetensors(toSafetensors(model));
    expect(read.tensors.map(({ name }) => name)).toEqual(model.tensors.map(({ name }) => name));
    const slots = read.tensors.filter(({ kind }) => kind === 'slot');
    expect(slots.length).toBeGreaterThan(0);
    expect(slots.every(({ values }) => values.every((value) => value === 0))).toBe(true);
  });

  it('keep any item id', async () => {
    const itemIds = ['', ' ', '\uFEFF', '"', '\n', 'é', '😀', '0', '__proto__', 'a'.repeat(1000)];
    const model = drawModel({}, itemIds.length);
    const read = await fromSafetensors(toSafetensors({ ...model, itemIds }));
    expect(read.itemIds.slice()).toEqual(itemIds);
    expect(() => toSafetensors({ ...model, itemIds: ['a', '\ud83d'] })).toThrow(
      'toSafetensors: "itemIds" expected strings, got a lone surrogate in "\\ud83d" at index 1',
    );
  });

  it('share no memory with the bytes, which may have any alignment', async () => {
    const bytes = toSafetensors(drawModel());
    for (const shift of [1, 4]) {
      const shifted = Buffer.concat([Buffer.alloc(shift), bytes]).subarray(shift);
      const read = await fromSafetensors(shifted);
      shifted.fill(0);
      expect(parametersOf(read)).toEqual(parametersOf(drawModel()));
    }
  });

  it('work through a file', async () => {
    const file = join(folder, 'made/shop.safetensors');
    const model = drawModel({ layers: [5, 4] });
    for (const _ of [1, 2]) await writeSafetensors(model, file);
    expect(readdirSync(join(folder, 'made'))).toEqual(['shop.safetensors']);
    expect(readFileSync(file).equals(toSafetensors(model))).toBe(true);
    const read = await readSafetensors(file);
    expect(parametersOf(read)).toEqual(parametersOf(model));
    await new Gru4Rec({ ...read, engine }).save(join(folder, 'model'));
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
tensors = load_file(sys.argv[1])
with safe_open(sys.argv[1], framework='numpy') as file:
    metadata = file.metadata()
utf8, offsets = tensors['items.utf8'].tobytes(), tensors['items.offsets']
ids = [utf8[a:b].decode() for a, b in zip(offsets, offsets[1:])]
values = {name: [str(t.dtype), list(t.shape), [float(x).hex() for x in t.flatten()]] for name, t in tensors.items() if not name.startswith('items.')}
print(json.dumps([metadata['format'], ids, values]))
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

  it('reads our files', (ctx) => {
    writeFileSync(file, toSafetensors(model));
    const [format, ids, values] = JSON.parse(runPython(ctx, ['safetensors', 'numpy'], reader, file));
    expect(format).toBe('gru4rec-model');
    expect(ids).toEqual(model.itemIds.slice());
    const expected = parametersOf(model);
    expect(Object.keys(values).sort()).toEqual(expected.map(({ name }) => name).sort());
    for (const { name, rows, cols, values: own } of expected) {
      const [dtype, shape, numbers] = values[name];
      expect([dtype, shape]).toEqual(['float32', [rows, cols]]);
      expect((numbers as string[]).map(fromHex)).toEqual([...own]);
    }
  });

  it('writes files that we read', async (ctx) => {
    writeFileSync(file, toSafetensors(model));
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
