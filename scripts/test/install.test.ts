import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isInstalled, listManifests, recordInstalled, wantedStamp } from '../lib/install.mjs';

const host = { nodeVersion: '20.19.0', platform: 'linux', arch: 'x64' };
let root: string;

function write(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gru4rec-install-'));
  write('package.json', '{"devDependencies":{"vite":"7"}}');
  write('pnpm-lock.yaml', 'lockfileVersion: 9');
  write('packages/b/package.json', '{"dependencies":{"a":"1"}}');
  write('packages/a/package.json', '{}');
  mkdirSync(join(root, 'node_modules'));
  mkdirSync(join(root, 'packages/b/node_modules'), { recursive: true });
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('listManifests', () => {
  it('lists the root, then the workspace packages by name', () => {
    const packages = [join('packages', 'a', 'package.json'), join('packages', 'b', 'package.json')];
    expect(listManifests(root)).toEqual(['package.json', ...packages]);
  });
});

describe('wantedStamp', () => {
  it('stays the same while nothing changes, whatever the minor version of Node', () => {
    expect(wantedStamp(root, { ...host, nodeVersion: '20.20.2' })).toBe(wantedStamp(root, host));
  });

  it.each([
    ['the lockfile', () => write('pnpm-lock.yaml', 'lockfileVersion: 10')],
    ['a manifest', () => write('packages/a/package.json', '{"dependencies":{}}')],
    ['the workspace file', () => write('pnpm-workspace.yaml', 'packages: []')],
    ['the set of packages', () => write('apps/c/package.json', '{}')],
  ])('changes with %s', (_what, change) => {
    const before = wantedStamp(root, host);
    change();
    expect(wantedStamp(root, host)).not.toBe(before);
  });

  it.each([{ nodeVersion: '22.0.0' }, { platform: 'darwin' }, { arch: 'arm64' }])(
    'changes with %o',
    (other) => {
      expect(wantedStamp(root, { ...host, ...other })).not.toBe(wantedStamp(root, host));
    },
  );
});

describe('isInstalled', () => {
  it('is false before an installation is recorded', () => {
    expect(isInstalled(root, 'stamp')).toBe(false);
  });

  it('is true only for the recorded stamp', () => {
    recordInstalled(root, 'stamp');
    expect([isInstalled(root, 'stamp'), isInstalled(root, 'other')]).toEqual([true, false]);
  });

  it('is false when a package with dependencies has lost its modules', () => {
    recordInstalled(root, 'stamp');
    rmSync(join(root, 'packages/b/node_modules'), { recursive: true });
    expect(isInstalled(root, 'stamp')).toBe(false);
    expect(isInstalled(root, 'stamp', ['packages/b'])).toBe(true);
  });
});
