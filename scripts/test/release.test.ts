import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listPublicPackages } from '../lib/pack.mjs';
import { repositoryRoot } from '../lib/repository.mjs';

function check(...argv: string[]) {
  const words = [join(repositoryRoot, 'scripts/check-release.mjs'), ...argv];
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  return { status, problems: stderr.trim().split('\n') };
}

it('a tag is released if it is the version of all packages and has its section', () => {
  const packages = listPublicPackages();
  const [{ version = '' } = {}] = packages;
  expect(check(`v${version}`)).toEqual({ status: 0, problems: [''] });
  expect(check('v99.1.0')).toEqual({
    status: 1,
    problems: [
      ...packages.map(({ name }) => `${name} expected tag v${version}, got v99.1.0`),
      'CHANGELOG.md has no section [99.1.0] with a date',
    ],
  });
  expect(check().problems).toContain(`gru4rec expected tag v${version}, got none`);
});
