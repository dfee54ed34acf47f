import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { isInstalled, nodeProblem, recordInstalled, wantedStamp } from '../lib/set-up.mjs';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gru4rec-install-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'node_modules'));
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) writeFileSync(join(root, file), 'a');
});

describe('wantedStamp', () => {
  it('changes with the lockfile, the settings and the major version of Node', () => {
    const stamps = [wantedStamp(root, '20.19.0'), wantedStamp(root, '22.0.0')];
    for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) {
      writeFileSync(join(root, file), 'b');
      stamps.push(wantedStamp(root, '20.19.0'));
    }
    expect(new Set(stamps).size).toBe(4);
    expect(wantedStamp(root, '20.20.2')).toBe(stamps.at(-1));
  });
});

describe('isInstalled', () => {
  it('is true for the recorded stamp, with as many modules or more than are needed', () => {
    const whole = () => isInstalled(root, 'stamp', []);
    const part = () => isInstalled(root, 'stamp', ['apps/docs']);
    expect([whole(), part()]).toEqual([false, false]);
    recordInstalled(root, 'stamp', ['apps/docs']);
    expect([whole(), part()]).toEqual([false, true]);
    recordInstalled(root, 'stamp', []);
    expect([whole(), part(), isInstalled(root, 'other', [])]).toEqual([true, true, false]);
  });
});

describe('nodeProblem', () => {
  it.each(['20.19.0', '20.20.2', '24.0.0'])('accepts %s', (version) => {
    expect(nodeProblem(version, '>=20.19')).toBeUndefined();
  });

  it.each(['20.18.3', '18.20.8', '9.99.0'])('refuses %s in one line that names both versions', (version) => {
    const line = `Node >=20.19 is needed, this is ${version}. Get a newer one from https://nodejs.org and try again.`;
    expect(nodeProblem(version, '>=20.19')).toBe(line);
  });
});
