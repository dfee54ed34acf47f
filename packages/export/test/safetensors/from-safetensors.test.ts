import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModelError } from '@gru4rec/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSafetensors } from '../../src/safetensors/from-safetensors.ts';
import { testFolder } from '../folder.ts';
import { data, headerEnd, headerText, model, refusal, sound, withData, withHeader } from './forged-files.ts';

const folder = testFolder();

describe('readSafetensors', () => {
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
      `expected ${data.length} bytes of tensors, got ${data.length - 1}`,
    ],
    [
      'bytes behind it',
      Buffer.concat([sound, Buffer.alloc(3)]),
      `expected ${data.length} bytes of tensors, got ${data.length + 3}`,
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
    ['a list', withHeader('[]'), 'is not a model: "format" in its metadata'],
    ['nothing', withHeader('null'), 'its header is not JSON'],
    ['deep nesting', withHeader('['.repeat(500_000)), 'its header is not JSON'],
    [
      'a deep value',
      withHeader(`{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`),
      'its header is not JSON',
    ],
    [
      'a repeated tensor',
      withHeader(headerText.replace('"by":', '"Wy":')),
      'its header has a key twice, or white space',
    ],
    [
      'a repeated key, escaped',
      withHeader(headerText.replace('"dtype":', '"d\\u0074ype":"F32","dtype":')),
      'its header has a key twice, or white space',
    ],
  ])('refuses %s', async (_, bytes, message) => {
    expect(await refusal(folder, bytes)).toContain(message);
  });

  it.each([
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
  ])('refuses %s, naming the tensor', async (_, value) => {
    expect(
      await refusal(
        folder,
        withData('layer0.Uz', (bytes) => bytes.writeFloatLE(value, 8)),
      ),
    ).toBe('"layer0.Uz" holds NaN or infinity');
  });

  it.each<[string, (offsets: Buffer) => void, string]>([
    ['begin late', (o) => o.writeInt32LE(1, 0), '"items.offsets" expected 0 to '],
    ['fall', (o) => o.writeInt32LE(0, 8), 'expected non-decreasing offsets up to'],
    ['are negative', (o) => o.writeInt32LE(-5, 4), 'expected non-decreasing offsets up to'],
    ['run beyond the text', (o) => o.writeInt32LE(2 ** 30, 16), 'expected non-decreasing offsets up to'],
    ['end early', (o) => o.writeInt32LE(o.readInt32LE(16) - 1, 16), '"items.offsets" expected 0 to '],
    [
      'split a character',
      (o) => o.writeInt32LE(o.readInt32LE(4) - 2, 4),
      'item 0 expected UTF-8, got invalid bytes',
    ],
  ])('refuses ids whose offsets %s', async (_, edit, message) => {
    expect(await refusal(folder, withData('items.offsets', edit))).toContain(message);
  });

  it('refuses a duplicate id', async () => {
    const bytes = withData('items.utf8', (utf8) => utf8.copy(utf8, utf8.length / 4, 0, utf8.length / 4));
    expect(await refusal(folder, bytes)).toBe(
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
