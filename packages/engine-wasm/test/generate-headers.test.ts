import { describe, expect, it } from 'vitest';
import { headersOf, type Table } from '../scripts/generate-headers.ts';

const table: Table = {
  constants: { GRANULE: 4 },
  choices: { start: ['FROM_ROW', 'FROM_FLOAT'] },
  kernels: {
    PRODUCT: {
      share: ['out'],
      arguments: { rows: 'split rows', m: 'range', out: 'write', mode: 'start', rate: 'scalar' },
    },
    UPDATE: { arguments: { count: 'split count', mom: 'scatter?', p: 'f32', one: 'bool', seed: 'u32' } },
  },
};

describe('headersOf', () => {
  const headers = headersOf(table, { TABLE: -7 });
  const source = headers['arguments.h'];

  it('numbers the choices by their place, with the name of the choice before them', () => {
    expect(source).toContain('enum { START_FROM_ROW, START_FROM_FLOAT };');
  });

  it('reads each argument from its word', () => {
    expect(source).toContain('.rows = (void *)(base + words[0]),');
    expect(source).toContain('.out = (void *)(base + words[2]),');
    expect(source).toContain('.mode = (int)words[3],');
    expect(source).toContain('.rate = *(const float *)(base + words[4]),');
    expect(source).toContain('.mom = words[1] ? (void *)(base + words[1]) : NULL,');
    expect(source).toContain('.p = *(const float *)&words[2],');
    expect(source).toContain('.one = words[3] != 0,');
    expect(source).toContain('.seed = words[4],');
  });

  it('gives the rows of the share of what threads split, also where memory has their count', () => {
    expect(source).toContain('.from = share_bound((int)words[1], share, shares),');
    expect(source).toContain('.to = share_bound(*(const int32_t *)(base + words[0]), share + 1, shares),');
  });

  it('defines each constant, a negative one in brackets, and lists the kernels by number', () => {
    expect(headers['constants.h']).toBe(
      [
        '#define GRANULE (4)',
        '#define TABLE (-7)',
        '#define PRODUCT_NUMBER (0)',
        '#define UPDATE_NUMBER (1)',
        '',
        '#define ALL_KERNELS(DO) DO(PRODUCT) DO(UPDATE)',
        '#define SHARING_KERNELS(DO) DO(PRODUCT)',
        '',
      ].join('\n'),
    );
  });
});
