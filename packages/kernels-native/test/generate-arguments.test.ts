import { describe, expect, it } from 'vitest';
import { argumentsSource, constantsSource, type Table } from '../scripts/generate-arguments.ts';

const table: Table = {
  choices: { start: ['FROM_ROW', 'FROM_FLOAT'] },
  kernels: {
    PRODUCT: { arguments: { rows: 'split rows', m: 'range', out: 'write', mode: 'start', rate: 'scalar' } },
    UPDATE: { arguments: { count: 'split count', mom: 'scatter?', p: 'f32', one: 'bool', seed: 'u32' } },
    UNUSED: { arguments: { x: 'read' } },
  },
};

describe('argumentsSource', () => {
  const source = argumentsSource(table, ['PRODUCT', 'UPDATE']);

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

  it('leaves out kernels that are not defined', () => {
    expect(source).not.toContain('UNUSED');
  });
});

describe('constantsSource', () => {
  it('defines each constant, a negative one in brackets', () => {
    expect(constantsSource({ GRANULE: 4, TABLE: -7 })).toBe('#define GRANULE (4)\n#define TABLE (-7)\n');
  });
});
