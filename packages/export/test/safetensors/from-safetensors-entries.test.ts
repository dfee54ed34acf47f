import { describe, expect, it } from 'vitest';
import { testFolder } from '../folder.ts';
import { data, type Edit, type Entries, type Entry, forged, model, refusal } from './forged-files.ts';

const folder = testFolder();

const config = (values: Record<string, unknown>) => (_: Entries, metadata: Record<string, unknown>) => {
  metadata['config'] = JSON.stringify({ ...model.config, ...values });
};
const setTo = (name: string, values: Partial<Entry>) => (entries: Entries) => {
  Object.assign(entries[name]!, values);
};

describe('fromSafetensors', () => {
  it.each<[string, Edit, string]>([
    [
      'no metadata',
      (entries) => delete entries['__metadata__'],
      '"format" in its metadata expected gru4rec-model, got nothing',
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
    expect(await refusal(folder, forged(edit))).toContain(message);
  });

  it('refuses a model without items', async () => {
    const bytes = forged(
      (entries) => Object.assign(entries['items.offsets']!, { shape: [0], data_offsets: [0, 0] }),
      data.subarray(40),
    );
    expect(await refusal(folder, bytes)).toMatch(/expected to begin at byte 0, got 40|asks for -1 items/);
  });
});
