import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Gru4Rec, loadModel, ModelError, type StoredModel, type StoredTensor } from '@gru4rec/model';
import { testFolder } from '@gru4rec/test-support/folder';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExportedModel } from '../src/exported-model.ts';
import { readSafetensors, writeSafetensors } from '../src/safetensors.ts';
import {
  clicked,
  configurations,
  drawModel,
  engines,
  expectParameters,
  expectScores,
  featured,
  parametersOf,
  subsetsOfParts,
} from './drawn-models.ts';
import { runPython } from './python.ts';

const folder = testFolder();
const [, engine] = engines[0]!;
async function moved(model: ExportedModel): Promise<StoredModel> {
  const file = join(folder, 'moved.safetensors');
  await writeSafetensors(model, file);
  return readSafetensors(file);
}

const expectSameScores = (read: StoredModel, model: Gru4Rec) =>
  expectScores(new Gru4Rec({ ...read, engine }), model);

describe('writeSafetensors and readSafetensors', () => {
  const models = [...configurations, ...subsetsOfParts, ['Adam', { optimizer: 'adam' }] as const];
  it.each(models)('restore a model whose scores are the same bit for bit: %s', async (_, values) => {
    const model = drawModel(values);
    const read = await moved(model);
    expect(read.config).toEqual(model.config);
    expect(read.itemIds.slice()).toEqual(model.itemIds.slice());
    expect(read.history).toEqual([]);
    expectParameters(read, model);
    expectSameScores(read, model);
  });

  it.each(featured)('hold the composed rows of a model with %s, which scores alike', async (_, values) => {
    const model = drawModel(values);
    const read = await moved(model);
    expect(read.config).toEqual({ ...model.config, itemFeatures: [] });
    const composed = parametersOf(model).filter(({ name }) => !/^(own|features)\./.test(name));
    expect(parametersOf(read)).toEqual(expect.arrayContaining(composed));
    expect(parametersOf(read)).toHaveLength(composed.length);
    expectSameScores(read, model);
  });

  it.each(clicked)('keep which values of clicks are features: %s', async (_, values) => {
    const model = drawModel(values);
    const read = await moved(model);
    expect(read.clickVocabulary).toEqual(model.clickVocabulary);
    expectSameScores(read, model);
    for (const clickVocabulary of [undefined, { columns: [] }, { columns: [{ name: 'x', values: ['y'] }] }]) {
      await expect(moved({ ...model, clickVocabulary })).rejects.toThrow(
        'holds a configuration that is not valid',
      );
    }
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

const model = drawModel({ layers: [3] }, 4);
await writeSafetensors(model, join(folder, 'sound'));
const sound: Buffer = readFileSync(join(folder, 'sound'));

interface Entry {
  dtype: unknown;
  shape: unknown;
  data_offsets: unknown;
  [key: string]: unknown;
}
type Entries = Record<string, Entry>;
type Edit = (entries: Entries, metadata: Record<string, unknown>) => unknown;

const headerEnd = 8 + Number(sound.readBigUInt64LE());
const headerText = sound.subarray(8, headerEnd).toString();
const data = sound.subarray(headerEnd);

function withHeader(json: string, behind: Uint8Array = data): Buffer {
  const header = Buffer.from(json);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, behind]);
}

function forged(edit: Edit, behind?: Uint8Array) {
  const header = JSON.parse(headerText);
  edit(header, header.__metadata__);
  return withHeader(JSON.stringify(header), behind);
}

function withData(name: string, edit: (bytes: Buffer) => void): Buffer {
  const copy = Buffer.from(sound);
  const [from, to] = JSON.parse(headerText)[name].data_offsets;
  edit(copy.subarray(headerEnd + from, headerEnd + to));
  return copy;
}

/** The error of a file with these bytes, one line, without the name of the file, with which it begins. */
async function refusal(bytes: Uint8Array): Promise<string> {
  const file = join(folder, 'shop.safetensors');
  writeFileSync(file, bytes);
  const error = await readSafetensors(file).then(
    () => 'was read',
    (cause) => cause,
  );
  expect(error).toBeInstanceOf(ModelError);
  expect(error.message.startsWith(`${file} `)).toBe(true);
  expect(error.message).not.toContain('\n');
  expect(error.message.length).toBeLessThan(400);
  return error.message.slice(file.length + 1);
}

const config = (values: Record<string, unknown>) => (_: Entries, metadata: Record<string, unknown>) => {
  metadata['config'] = JSON.stringify({ ...model.config, ...values });
};
const setTo = (name: string, values: Partial<Entry>) => (entries: Entries) => {
  Object.assign(entries[name]!, values);
};

describe('readSafetensors', () => {
  it.each<[string, Edit, string]>([
    [
      'no metadata',
      (entries) => delete entries['__metadata__'],
      'is not a model: "format" in its metadata expected gru4rec-model, got nothing',
    ],
    ['another version', (_, m) => (m['version'] = '1'), 'has format version "1"; this program reads 2'],
    ['a wrong configuration', config({ layers: [-1] }), 'holds a configuration that is not valid'],
    [
      'another configuration',
      config({ layers: [4] }),
      '"Wy" expected F32 [4, 4], got {"dtype":"F32","shape":[4,3]',
    ],
    ['a missing tensor', (entries) => delete entries['by'], '"by" expected F32 [4, 1], got nothing'],
    [
      'an unknown tensor',
      (entries) => (entries['extra'] = { dtype: 'F32', shape: [0], data_offsets: [0, 0] }),
      'has a tensor "extra", which its configuration does not have',
    ],
    [
      'overlapping tensors',
      setTo('by', { data_offsets: [0, 16] }),
      '"Wy" expected {"dtype":"F32","shape":[4,3],"data_offsets":[16,64]}, got',
    ],
    ['no items', setTo('items.offsets', { shape: [0] }), 'asks for -1 items'],
  ])('refuses a header with %s', async (_, edit, message) => {
    expect(await refusal(forged(edit))).toContain(message);
  });

  it.each<[string, Uint8Array, string]>([
    ['an empty file', sound.subarray(0, 0), 'is not a safetensors file: it has 0 bytes'],
    [
      'a header cut short',
      sound.subarray(0, 100),
      `is truncated: its header has ${headerEnd - 8} bytes, the file 100`,
    ],
    [
      'an absurd length',
      Buffer.concat([Buffer.alloc(8, 0xff), data]),
      'its header would be 18446744073709551615 bytes long',
    ],
    ['no JSON', withHeader('{"a": '), 'is not a safetensors file: its header is not JSON'],
    [
      'a repeated tensor',
      withHeader(headerText.replace('"by":', '"Wy":')),
      'its header has a key twice, or white space',
    ],
  ])('refuses %s', async (_, bytes, message) => {
    expect(await refusal(bytes)).toContain(message);
  });

  it('refuses NaN, naming the tensor', async () => {
    const bytes = withData('layer0.Uz', (values) => values.writeFloatLE(Number.NaN, 8));
    expect(await refusal(bytes)).toBe('"layer0.Uz" holds NaN or infinity');
  });

  it.each<[string, (offsets: Buffer) => void, string]>([
    ['begin late', (o) => o.writeInt32LE(1, 0), '"items.offsets" expected 0 to '],
    ['fall', (o) => o.writeInt32LE(0, 8), 'expected non-decreasing offsets up to'],
    [
      'split a character',
      (o) => o.writeInt32LE(o.readInt32LE(4) - 2, 4),
      'item 0 expected UTF-8, got invalid bytes',
    ],
  ])('refuses ids whose offsets %s', async (_, edit, message) => {
    expect(await refusal(withData('items.offsets', edit))).toContain(message);
  });

  it('refuses a duplicate id', async () => {
    const bytes = withData('items.utf8', (utf8) => utf8.copy(utf8, utf8.length / 4, 0, utf8.length / 4));
    expect(await refusal(bytes)).toBe(
      `has ids of which item 1 expected unique ids, got ${JSON.stringify(model.itemIds.at(0))} twice`,
    );
  });

  it('allocates nothing for a file that claims to be large', async () => {
    const file = join(folder, 'sparse.safetensors');
    writeFileSync(file, sound);
    truncateSync(file, 2 ** 40);
    await expect(readSafetensors(file)).rejects.toThrow(/expected \d+ bytes of tensors, got \d+/);
  });

  it('refuses or reads any damaged file, and never hangs', async () => {
    const place = fc.nat({ max: sound.length - 1 });
    const file = join(folder, 'damaged.safetensors');
    const change = fc.tuple(fc.oneof(place, fc.nat({ max: headerEnd })), fc.nat({ max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const changed = Buffer.from(sound);
        for (const [at, byte] of changes) changed[at] = byte;
        writeFileSync(file, changed);
        try {
          expect((await readSafetensors(file)).itemIds).toHaveLength(4);
        } catch (error) {
          expect(error).toBeInstanceOf(ModelError);
        }
      }),
      { seed: 5, numRuns: 200 },
    );
  });
});
