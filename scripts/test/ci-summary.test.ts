import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testFolder } from '../../packages/test-support/src/folder.ts';
import { repositoryRoot } from '../lib/repository.mjs';

const folder = testFolder();
const five = '5 passed, 0 failed\n';

it.each<[string, [output: string, status: number][], number, string]>([
  ['passes when the tests and the check do', [[five, 0]], 0, '5 passed, 0 failed'],
  [
    'adds up the runs, each by its last line with only counts',
    [
      ['1 passed, 9 failed\n  2 passed, 0 failed of a nested run\r\n5 passed, 0 failed, 1 skipped\r\n', 0],
      ['7 passed, 2 failed\n', 1],
    ],
    0,
    '12 passed, 2 failed, 1 skipped',
  ],
  ['counts a failed check as one failed', [['5 passed, 1 failed\n', 1]], 2, '5 passed, 2 failed'],
  [
    'counts a run that broke off as one failed',
    [
      ['', 1],
      [five, 1],
    ],
    0,
    '5 passed, 2 failed',
  ],
  ['fails when the tests printed no counts', [['', 0]], 0, '0 passed, 1 failed'],
  ['fails when they counted none', [['0 passed, 0 failed\n', 0]], 0, '0 passed, 1 failed'],
])('the last line of CI %s', (_, runs, check, line) => {
  const words = runs.flatMap(([output, status], at) => {
    writeFileSync(join(folder, `${at}`), output);
    return [join(folder, `${at}`), `${status}`];
  });
  const script = join(repositoryRoot, 'scripts/ci-summary.mjs');
  const { stdout, status } = spawnSync(process.execPath, [script, `${check}`, ...words], {
    encoding: 'utf8',
  });
  expect([stdout, status]).toEqual([`${line}\n`, / 0 failed/.test(line) ? 0 : 1]);
});
