import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModelError } from '@gru4rec/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromSafetensors, readSafetensors } from '../../src/safetensors/from-safetensors.ts';
import { toSafetensors } from '../../src/safetensors/to-safetensors.ts';
import { drawModel } from '../drawn-models.ts';
import { testFolder } from '../folder.ts';

const model = drawModel({ layers: [3] }, 4);
const sound = toSafetensors(model);
const folder = testFolder();

interface Entry {
  dtype: unknown;
  shape: unknown;
  data_offsets: unknown;
  [key: string]: unknown;
}
type Entries = Record<string, Entry>;

const headerEnd = 8 + Number(Buffer.from(sound).readBigUInt64LE());
const headerText = Buffer.from(sound.subarray(8, headerEnd)).toString();
const data = sound.subarray(headerEnd);

/** A file with this header followed by these data. */
function withHeader(json: string, behind: Uint8Array = data): Buffer {
  const header = Buffer.from(json);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, behind]);
}

/** The valid file after a change to its header. */
function forged(edit: (entries: Entries, metadata: Record<string, unknown>) => void, behind?: Uint8Array) {
  const header = JSON.parse(headerText);
  edit(header, header.__metadata__);
  return withHeader(JSON.stringify(header), behind);
}

/** The valid file after a change to the bytes of a tensor. */
function withData(name: string, edit: (bytes: Buffer) => void): Buffer {
  const copy = Buffer.from(sound);
  const [from, to] = JSON.parse(headerText)[name].data_offsets;
  edit(copy.subarray(headerEnd + from, headerEnd + to));
  return copy;
}

/** The error for the bytes: one line that names the file, from memory and from disk. */
async function refusal(bytes: Uint8Array): Promise<string> {
  const file = join(folder, 'shop.safetensors');
  writeFileSync(file, bytes);
  const caught = async (read: Promise<unknown>) => read.then(() => 'was read').catch((error) => error);
  const [fromBytes, fromFile] = [
    await caught(fromSafetensors(bytes, file)),
    await caught(readSafetensors(file)),
  ];
  for (const error of [fromBytes, fromFile]) {
    expect(error).toBeInstanceOf(ModelError);
    expect(error.message.startsWith(`${file} `)).toBe(true);
    expect(error.message).not.toContain('\n');
    expect(error.message.length).toBeLessThan(400);
  }
  expect(fromFile.message).toBe(fromBytes.message);
  return fromBytes.message.slice(file.length + 1);
}

const config = (values: Record<string, unknown>) => (_: Entries, metadata: Record<string, unknown>) => {
  metadata['config'] = JSON.stringify({ ...model.config, ...values });
};
const setTo = (name: string, values: Partial<Entry>) => (entries: Entries) => {
  Object.assign(entries[name]!, values);
};

describe('fromSafetensors', () => {
  it.each<[string, Uint8Array, string]>([
    ['an empty file', sound.subarray(0, 0), 'is not a safetensors file: it has 0 bytes'],
    ['a few bytes', sound.subarray(0, 5), 'is not a safetensors file: it has 5 bytes'],
    [
      'a header cut short',
      sound.subarray(0, 100),
      `is truncated: its header has ${headerEnd - 8} bytes, the file 100`,
    ],
    [
      'data cut short',
      sound.subarray(0, -1),
      `is truncated: expected ${data.length} bytes of data, got ${data.length - 1}`,
    ],
    [
      'bytes behind it',
      Buffer.concat([sound, Buffer.alloc(3)]),
      `has bytes that no tensor owns: expected ${data.length} bytes of data`,
    ],
    [
      'another kind of file',
      Buffer.from('PK\u0003\u0004 something else of some length'),
      'is not a safetensors file of a model: its header would be',
    ],
    [
      'an absurd length',
      Buffer.concat([Buffer.alloc(8, 0xff), data]),
      'its header would be 18446744073709551615 bytes long',
    ],
    ['no JSON', withHeader('{"a": '), 'is not a safetensors file: its header is not JSON'],
    ['no UTF-8', withHeader('').fill(0, 8), 'is not a safetensors file: its header is not JSON'],
    ['a list', withHeader('[]'), 'its header is not a JSON object'],
    ['nothing', withHeader('null'), 'its header is not a JSON object'],
    ['deep nesting', withHeader('['.repeat(500_000)), 'its header is not JSON'],
    [
      'a deep value',
      withHeader(`{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`),
      '"a" expected only a valid dtype',
    ],
    ['a repeated tensor', withHeader(headerText.replace('"by":', '"Wy":')), 'has "Wy" twice in its header'],
    [
      'a repeated key, escaped',
      withHeader(headerText.replace('"dtype":', '"d\\u0074ype":"F32","dtype":')),
      'has "dtype" twice in its header',
    ],
  ])('refuses %s', async (_, bytes, message) => {
    expect(await refusal(bytes)).toContain(message);
  });

  it.each<[string, (entries: Entries, metadata: Record<string, unknown>) => void, string]>([
    [
      'no metadata',
      (entries) => delete entries['__metadata__'],
      '"format" in its metadata expected gru4rec-model, got none',
    ],
    [
      'metadata that are not texts',
      (_, m) => {
        m['n'] = 5;
      },
      'has metadata that are not strings by name',
    ],
    [
      'another format',
      (_, m) => {
        m['format'] = 'pt';
      },
      'is not a model: "format" in its metadata expected gru4rec-model, got "pt"',
    ],
    [
      'another version',
      (_, m) => {
        m['version'] = '2';
      },
      'has format version "2"; this program reads 1',
    ],
    ['no configuration', (_, m) => delete m['config'], 'holds a configuration that is not valid'],
    [
      'a broken configuration',
      (_, m) => {
        m['config'] = '{';
      },
      'holds a configuration that is not valid',
    ],
    ['a wrong configuration', config({ layers: [-1] }), 'holds a configuration that is not valid'],
    ['another configuration', config({ layers: [4] }), '"Wy" expected F32 [4, 4], got F32 [4, 3]'],
    ['another cell', config({ cell: 'lstm' }), 'lacks "layer0.Ui" F32 [3, 3]'],
    [
      'absurd units',
      config({ layers: [2 ** 30] }),
      'asks for layers 1,073,741,824, expected at most 16,777,216',
    ],
    ['absurd layers', config({ layers: Array(1000).fill(1) }), 'asks for 1,000 layers, expected at most 256'],
    ['absurd slots', config({ batchSize: 1e12 }), 'asks for batchSize 1,000,000,000,000'],
    [
      'a missing tensor',
      (entries) => {
        entries['other'] = entries['by']!;
        delete entries['by'];
      },
      'lacks "by" F32 [4, 1]',
    ],
    [
      'an unknown tensor',
      (entries) => {
        entries['extra'] = { dtype: 'F32', shape: [0], data_offsets: [0, 0] };
      },
      'has a tensor "extra", which its configuration does not have',
    ],
    [
      'an entry that is not an object',
      (entries) => {
        entries['by'] = 5 as never;
      },
      '"by" expected only a valid dtype, shape and data_offsets',
    ],
    ['an entry with more', setTo('by', { note: 'x' }), '"by" expected only a valid'],
    ['no shape', setTo('by', { shape: undefined }), '"by" expected only a valid'],
    ['a negative extent', setTo('by', { shape: [-4, -1] }), '"by" expected only a valid'],
    ['a broken extent', setTo('by', { shape: [1.5] }), '"by" expected only a valid'],
    [
      'extents beyond numbers',
      setTo('by', { shape: [2 ** 52, 2 ** 52] }),
      '"by" expected 8.112963841460668e+31 bytes',
    ],
    ['three offsets', setTo('by', { data_offsets: [0, 1, 2] }), '"by" expected only a valid'],
    ['text offsets', setTo('by', { data_offsets: ['0', '16'] }), '"by" expected only a valid'],
    ['another type', setTo('by', { dtype: 'F64' }), '"by" expected elements F32, I64, U8, got F64'],
    [
      'a type of objects',
      setTo('by', { dtype: '__proto__' }),
      '"by" expected elements F32, I64, U8, got __proto__',
    ],
    [
      'a known but wrong type',
      setTo('by', { dtype: 'U8', shape: [16] }),
      '"by" expected F32 [4, 1], got U8 [16]',
    ],
    ['a wrong shape', setTo('by', { shape: [1, 4] }), '"by" expected F32 [4, 1], got F32 [1, 4]'],
    [
      'a shape that is not the bytes',
      setTo('by', { shape: [5, 1] }),
      '"by" expected 20 bytes for F32 [5, 1], got',
    ],
    [
      'offsets that run backwards',
      setTo('by', { data_offsets: [16, 0] }),
      '"by" expected 16 bytes for F32 [4, 1], got 16 to 0',
    ],
    [
      'offsets beyond the file',
      setTo('by', { data_offsets: [2 ** 40, 2 ** 40 + 16] }),
      '"items.utf8" expected to begin at byte 340, got 356',
    ],
    ['overlapping tensors', setTo('by', { data_offsets: [0, 16] }), 'expected to begin at byte 16, got 0'],
    [
      'item offsets of another type',
      setTo('items.offsets', { dtype: 'F32', shape: [10] }),
      '"items.offsets" expected a vector I64, got F32 [10]',
    ],
    [
      'fewer items than rows',
      setTo('items.offsets', { shape: [1, 5] }),
      '"items.offsets" expected a vector I64, got I64 [1, 5]',
    ],
    [
      'a tensor named like a prototype',
      (entries) => {
        Object.defineProperty(entries, '__proto__', {
          value: { dtype: 'U8', shape: [0], data_offsets: [0, 0] },
          enumerable: true,
        });
      },
      'has a tensor "__proto__"',
    ],
  ])('refuses %s', async (_, edit, message) => {
    expect(await refusal(forged(edit))).toContain(message);
  });

  it('refuses a model without items', async () => {
    const bytes = forged(
      (entries) => Object.assign(entries['items.offsets']!, { shape: [0], data_offsets: [0, 0] }),
      data.subarray(40),
    );
    expect(await refusal(bytes)).toMatch(/expected to begin at byte 0, got 40|asks for -1 items/);
  });

  it.each([
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
  ])('refuses %s, naming the tensor', async (_, value) => {
    expect(await refusal(withData('layer0.Uz', (bytes) => bytes.writeFloatLE(value, 8)))).toBe(
      '"layer0.Uz" holds NaN or infinity',
    );
  });

  it.each<[string, (offsets: Buffer) => void, string]>([
    ['begin late', (o) => o.writeBigInt64LE(1n, 0), '"items.offsets" does not rise from 0 to'],
    ['fall', (o) => o.writeBigInt64LE(0n, 16), '"items.offsets" does not rise from 0 to'],
    ['are negative', (o) => o.writeBigInt64LE(-5n, 8), '"items.offsets" does not rise from 0 to'],
    [
      'run beyond the text',
      (o) => o.writeBigInt64LE(2n ** 60n, 32),
      '"items.offsets" does not rise from 0 to',
    ],
    ['end early', (o) => o.writeBigInt64LE(o.readBigInt64LE(32) - 1n, 32), '"items.offsets" ends at'],
    [
      'split a character',
      (o) => o.writeBigInt64LE(o.readBigInt64LE(8) - 2n, 8),
      '"items.utf8" is not UTF-8 at item 0',
    ],
  ])('refuses ids whose offsets %s', async (_, edit, message) => {
    expect(await refusal(withData('items.offsets', edit))).toContain(message);
  });

  it('refuses a duplicate id', async () => {
    const bytes = withData('items.utf8', (utf8) => utf8.copy(utf8, utf8.length / 4, 0, utf8.length / 4));
    expect(await refusal(bytes)).toBe(`has the item id ${JSON.stringify(model.itemIds.at(0))} twice`);
  });

  it('allocates nothing for a file that claims to be large', async () => {
    const file = join(folder, 'sparse.safetensors');
    writeFileSync(file, sound);
    truncateSync(file, 2 ** 40);
    await expect(readSafetensors(file)).rejects.toThrow(/has bytes that no tensor owns/);
  });

  it('refuses or reads any damaged file, and never hangs', async () => {
    const place = fc.nat({ max: sound.length - 1 });
    const change = fc.tuple(fc.oneof(place, fc.nat({ max: headerEnd })), fc.nat({ max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const changed = Buffer.from(sound);
        for (const [at, byte] of changes) changed[at] = byte;
        try {
          expect((await fromSafetensors(changed)).itemIds).toHaveLength(4);
        } catch (error) {
          expect(error).toBeInstanceOf(ModelError);
        }
      }),
      { seed: 5, numRuns: 1500 },
    );
  });
});
