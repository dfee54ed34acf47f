import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repositoryRoot } from '../lib/repository.mjs';

const configs = ['packages', 'apps'].flatMap((area) =>
  readdirSync(join(repositoryRoot, area)).flatMap((name) => {
    const file = join(repositoryRoot, area, name, 'tsconfig.json');
    // apps/docs has pages and scripts, and compiles nothing.
    return existsSync(file) ? { name, text: readFileSync(file, 'utf8') } : [];
  }),
);

it('the compiler options of a package are those of tsconfig.base.json or tsconfig.arrays.json', () => {
  expect(configs.length).toBeGreaterThan(20);
  const others = configs.filter(
    ({ text }) => !/"extends": "\.\.\/\.\.\/tsconfig\.(base|arrays)\.json"/.test(text),
  );
  expect(others).toEqual([]);
  expect(configs.filter(({ text }) => text.includes('noUncheckedIndexedAccess'))).toEqual([]);
});
