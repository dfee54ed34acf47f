import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelError } from '@gru4rec/model';
import { testFolder } from '@gru4rec/test-support/folder';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSafetensors } from '../../src/safetensors/from-safetensors.ts';
import { writeSafetensors } from '../../src/safetensors/to-safetensors.ts';
import { drawModel } from '../drawn-models.ts';

/** A model of four items. */
const model = drawModel({ layers: [3] }, 4);
const folder = testFolder();
const made = mkdtempSync(join(tmpdir(), 'gru4rec-sound-'));
await writeSafetensors(model, join(made, 'sound'));
/** Its file, which is valid. */
const sound: Buffer = readFileSync(join(made, 'sound'));
rmSync(made, { recursive: true });

/** The entry of a tensor in the header. */
interface Entry {
  dtype: unknown;
  shape: unknown;
  data_offsets: unknown;
  [key: string]: unknown;
}
/** The header: an entry per tensor, and `__metadata__`. */
type Entries = Record<string, Entry>;
/** Changes a header. */
type Edit = (entries: Entries, metadata: Record<string, unknown>) => unknown;

/** Where the header of the valid file ends and its data begin, in bytes. */
const headerEnd = 8 + Number(sound.readBigUInt64LE());
/** The header of the valid file. */
const headerText = sound.subarray(8, headerEnd).toString();
/** The data of the valid file. */
const data = sound.subarray(headerEnd);

/** A file with this header followed by these data. */
function withHeader(json: string, behind: Uint8Array = data): Buffer {
  const header = Buffer.from(json);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, behind]);
}

/** The valid file after a change to its header. */
function forged(edit: Edit, behind?: Uint8Array) {
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
      'a tensor named like a prototype',
      (entries) => {
        const value = { dtype: 'U8', shape: [0], data_offsets: [0, 0] };
        Object.defineProperty(entries, '__proto__', { value, enumerable: true });
      },
      'has a tensor "__proto__"',
    ],
    ['an entry that is not an object', (entries) => (entries['by'] = 5 as never), 'got 5'],
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
      'bytes behind it',
      Buffer.concat([sound, Buffer.alloc(3)]),
      `expected ${data.length} bytes of tensors, got ${data.length + 3}`,
    ],
    [
      'an absurd length',
      Buffer.concat([Buffer.alloc(8, 0xff), data]),
      'its header would be 18446744073709551615 bytes long',
    ],
    ['no JSON', withHeader('{"a": '), 'is not a safetensors file: its header is not JSON'],
    ['deep nesting', withHeader('['.repeat(500_000)), 'its header is not JSON'],
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
      { seed: 5, numRuns: 1500 },
    );
  });
});
