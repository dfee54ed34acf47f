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

describe('readSafetensors', () => {
  it.each<[string, Edit, string]>([
    [
      'no metadata',
      (entries) => delete entries['__metadata__'],
      '"format" in its metadata expected gru4rec-model, got nothing',
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
        m['version'] = '1';
      },
      'has format version "1"; this program reads 2',
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
    [
      'another configuration',
      config({ layers: [4] }),
      '"Wy" expected F32 [4, 4], got {"dtype":"F32","shape":[4,3]',
    ],
    ['another cell', config({ cell: 'lstm' }), '"layer0.Ui" expected F32 [3, 3], got nothing'],
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
      '"by" expected F32 [4, 1], got nothing',
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
      'got 5',
    ],
    ['an entry with more', setTo('by', { note: 'x' }), '"by" expected {"dtype":"F32","shape":[4,1],'],
    ['no shape', setTo('by', { shape: undefined }), '"by" expected F32 [4, 1], got {"dtype":"F32",'],
    ['a negative extent', setTo('by', { shape: [-4, -1] }), '"by" expected F32 [4, 1], got'],
    ['a broken extent', setTo('by', { shape: [1.5] }), '"by" expected F32 [4, 1], got'],
    [
      'extents beyond numbers',
      setTo('by', { shape: [2 ** 52, 2 ** 52] }),
      'got {"dtype":"F32","shape":[4503599627370496,',
    ],
    [
      'three offsets',
      setTo('by', { data_offsets: [0, 1, 2] }),
      '"by" expected {"dtype":"F32","shape":[4,1],',
    ],
    [
      'text offsets',
      setTo('by', { data_offsets: ['0', '16'] }),
      '"by" expected {"dtype":"F32","shape":[4,1],',
    ],
    ['another type', setTo('by', { dtype: 'F64' }), 'got {"dtype":"F64"'],
    ['a type of objects', setTo('by', { dtype: '__proto__' }), 'got {"dtype":"__proto__"'],
    ['a known but wrong type', setTo('by', { dtype: 'U8', shape: [16] }), 'got {"dtype":"U8","shape":[16]'],
    ['a wrong shape', setTo('by', { shape: [1, 4] }), 'got {"dtype":"F32","shape":[1,4]'],
    ['a shape that is not the bytes', setTo('by', { shape: [5, 1] }), 'got {"dtype":"F32","shape":[5,1]'],
    ['offsets that run backwards', setTo('by', { data_offsets: [16, 0] }), 'expected {"dtype":'],
    [
      'offsets beyond the file',
      setTo('by', { data_offsets: [2 ** 40, 2 ** 40 + 16] }),
      '"items.offsets" expected {"dtype":"I32","shape":[5],"data_offsets":[48,68]}, got',
    ],
    [
      'overlapping tensors',
      setTo('by', { data_offsets: [0, 16] }),
      '"Wy" expected {"dtype":"F32","shape":[4,3],"data_offsets":[16,64]}, got',
    ],
    [
      'item offsets of another type',
      setTo('items.offsets', { dtype: 'F32', shape: [10] }),
      '"Wy" expected F32 [9, 3], got',
    ],
    ['fewer items than rows', setTo('items.offsets', { shape: [1, 5] }), 'asks for 0 items'],
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
    const bytes = forged((entries) => Object.assign(entries['items.offsets']!, { shape: [0] }), data);
    expect(await refusal(folder, bytes)).toContain('asks for -1 items');
  });
});
