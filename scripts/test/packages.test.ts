import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../lib/repository.mjs';

const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8');
const filesIn = (folder: string): string[] =>
  readdirSync(join(repositoryRoot, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
    join(folder, name),
  );

/** Matches an import of more than types from a package that computes. */
const computing = /^import (?!type )[^;]*from '@gru4rec\/(engine-[\w-]+|batcher|sampler)';/m;

describe('packages/cli', () => {
  it('chooses engines in one folder, and makes no batches', () => {
    const sources = filesIn('packages/cli/src').filter(
      (name) => name.endsWith('.ts') && !name.includes(join('src', 'engines')),
    );
    expect(sources.length).toBeGreaterThan(50);
    expect(sources.filter((name) => computing.test(read(name)))).toEqual([]);
  });

  it('is imported only by what starts the command line', () => {
    const folders = ['packages', 'apps'].flatMap((area) =>
      readdirSync(join(repositoryRoot, area)).map((name) => join(area, name)),
    );
    const uses = folders.filter((folder) => read(join(folder, 'package.json')).includes('"@gru4rec/cli":'));
    expect(uses).toEqual(['packages/gru4rec', 'apps/docs', 'apps/trainer'].map((path) => join(path)));
    const sources = filesIn('packages/gru4rec/src').filter((name) => read(name).includes('@gru4rec/cli'));
    expect(sources).toEqual(['gru4rec.ts', 'serve.ts'].map((name) => join('packages/gru4rec/src', name)));
  });
});
