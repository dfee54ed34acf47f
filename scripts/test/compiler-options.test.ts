import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../lib/repository.mjs';

const configs = ['packages', 'apps'].flatMap((area) =>
  readdirSync(join(repositoryRoot, area)).flatMap((name) => {
    const file = join(repositoryRoot, area, name, 'tsconfig.json');
    // apps/docs has pages and scripts, and compiles nothing.
    return existsSync(file) ? { name, text: readFileSync(file, 'utf8') } : [];
  }),
);

describe('the compiler options of a package', () => {
  it('are those of tsconfig.base.json, or of tsconfig.arrays.json where the work is arithmetic over typed arrays', () => {
    const arrays = configs.filter(({ text }) => text.includes('"extends": "../../tsconfig.arrays.json"'));
    expect(arrays.map(({ name }) => name)).toEqual([
      'baselines',
      'batcher',
      'engine-reference',
      'item-ids',
      'metrics',
      'random',
      'recommender',
      'sampler',
      'serving',
      'synthetic',
      'tuning',
    ]);
    const others = configs.filter((config) => !arrays.includes(config));
    expect(others.filter(({ text }) => !text.includes('"extends": "../../tsconfig.base.json"'))).toEqual([]);
    expect(configs.filter(({ text }) => text.includes('noUncheckedIndexedAccess'))).toEqual([]);
  });
});
