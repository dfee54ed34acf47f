import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testFolder } from '../../packages/test-support/src/folder.ts';
import { isInstalled, nodeProblem, recordInstalled, wantedStamp } from '../lib/set-up.mjs';

const root = testFolder();
mkdirSync(join(root, 'node_modules'));
for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) writeFileSync(join(root, file), 'a');

it('wantedStamp changes with the lockfile, the settings and the major version of Node', () => {
  const stamps = [wantedStamp(root, '20.19.0'), wantedStamp(root, '22.0.0')];
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) {
    writeFileSync(join(root, file), 'b');
    stamps.push(wantedStamp(root, '20.19.0'));
  }
  expect(new Set(stamps).size).toBe(4);
  expect(wantedStamp(root, '20.20.2')).toBe(stamps.at(-1));
});

it('isInstalled is true for the recorded stamp, with as many modules or more than are needed', () => {
  const whole = () => isInstalled(root, 'stamp', []);
  const part = () => isInstalled(root, 'stamp', ['apps/docs']);
  expect([whole(), part()]).toEqual([false, false]);
  recordInstalled(root, 'stamp', ['apps/docs']);
  expect([whole(), part()]).toEqual([false, true]);
  recordInstalled(root, 'stamp', []);
  expect([whole(), part(), isInstalled(root, 'other', [])]).toEqual([true, true, false]);
});

it('nodeProblem refuses an older one in one line that names both versions', () => {
  const problems = ['20.19.0', '24.0.0', '20.18.3', '9.99.0'].map((one) => nodeProblem(one, '>=20.19'));
  const line = (version: string) =>
    `Node >=20.19 is needed, this is ${version}. Get a newer one from https://nodejs.org and try again.`;
  expect(problems).toEqual([undefined, undefined, line('20.18.3'), line('9.99.0')]);
});
