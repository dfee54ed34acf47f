import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listPublicPackages } from '../lib/pack.mjs';
import { tarballsInOrder } from '../lib/publish.mjs';
import { releaseProblems } from '../lib/release.mjs';
import { repositoryRoot } from '../lib/repository.mjs';

const packages = [
  { name: 'a', version: '1.2.0' },
  { name: 'b', version: '1.2.0' },
];
const changelog = '# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-01-02\n';

describe('releaseProblems', () => {
  it('finds none if the tag is the version of all packages and has its section', () => {
    expect(releaseProblems('v1.2.0', { packages, changelog })).toEqual([]);
  });

  it.each([
    ['1.2.0', ['expected a tag such as v1.2.3, got 1.2.0']],
    ['', ['expected a tag such as v1.2.3, got none']],
    [
      'v1.3.0',
      [
        'a expected version 1.3.0, got 1.2.0',
        'b expected version 1.3.0, got 1.2.0',
        'CHANGELOG.md has no section [1.3.0] with a date',
      ],
    ],
  ])('says what is wrong with %j', (tag, problems) => {
    expect(releaseProblems(tag, { packages, changelog })).toEqual(problems);
  });

  it('finds none in this checkout', () => {
    const [{ version = '' } = {}] = listPublicPackages();
    const own = readFileSync(join(repositoryRoot, 'CHANGELOG.md'), 'utf8');
    const problems = releaseProblems(`v${version}`, { packages: listPublicPackages(), changelog: own });
    expect(problems).toEqual([]);
  });
});

describe('tarballsInOrder', () => {
  function folderOf(manifests: readonly object[]): string {
    const folder = mkdtempSync(join(tmpdir(), 'gru4rec-order-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, 'package'));
    mkdirSync(join(folder, 'out'));
    for (const [at, manifest] of manifests.entries()) {
      writeFileSync(
        join(folder, 'package', 'package.json'),
        JSON.stringify({ version: '1.0.0', ...manifest }),
      );
      execFileSync('tar', ['-czf', join(folder, 'out', `${at}.tgz`), '-C', folder, 'package']);
    }
    return join(folder, 'out');
  }

  it('puts parts before what depends on them, optional ones included', () => {
    const folder = folderOf([
      { name: 'all', dependencies: { part: '1.0.0', zod: '4.0.0' } },
      { name: 'part', optionalDependencies: { native: '1.0.0' } },
      { name: 'native' },
    ]);
    expect(tarballsInOrder(folder).map(({ name }) => name)).toEqual(['native', 'part', 'all']);
  });

  it('refuses two versions of a package', () => {
    const folder = folderOf([{ name: 'part' }, { name: 'part', version: '2.0.0' }]);
    expect(() => tarballsInOrder(folder)).toThrow(/expected one version of part, got two/);
  });
});
