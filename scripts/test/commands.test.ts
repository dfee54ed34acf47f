import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { npmToolCommand, pnpmCommand } from '../lib/commands.mjs';

const node = join('/node', 'bin', 'node');

function surroundings(managerPath: string | undefined, present: string[]) {
  return { execPath: node, managerPath, exists: (path: string) => present.includes(path) };
}

describe('pnpmCommand', () => {
  it('uses the pnpm that runs the script', () => {
    const command = pnpmCommand('1.2.3', surroundings('/tools/pnpm/bin/pnpm.cjs', []));
    expect(command).toEqual({ file: node, args: ['/tools/pnpm/bin/pnpm.cjs'] });
  });

  it('starts a pnpm that is a standalone program', () => {
    expect(pnpmCommand('1.2.3', surroundings('C:\\tools\\pnpm.exe', []))).toEqual({
      file: 'C:\\tools\\pnpm.exe',
      args: [],
    });
  });

  it('uses the pinned pnpm through the npx of the npm that runs the script', () => {
    const npx = join('/npm', 'bin', 'npx-cli.js');
    const command = pnpmCommand('1.2.3', surroundings(join('/npm', 'bin', 'npm-cli.js'), [npx]));
    expect(command).toEqual({ file: node, args: [npx, '--yes', 'pnpm@1.2.3'] });
  });
});

describe('npmToolCommand', () => {
  it.each([
    ['Windows', join('/node', 'bin', 'node_modules', 'npm', 'bin', 'npm-cli.js')],
    ['elsewhere', join('/node', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js')],
  ])('finds npm where Node installs it (%s)', (_where, script) => {
    expect(npmToolCommand('npm', surroundings(undefined, [script]))).toEqual({ file: node, args: [script] });
  });

  it('relies on the PATH if npm is elsewhere', () => {
    expect(npmToolCommand('npx', surroundings(undefined, []))).toEqual({ file: 'npx', args: [] });
  });
});
