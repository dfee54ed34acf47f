import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listPublicPackages } from '../lib/pack.mjs';
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
