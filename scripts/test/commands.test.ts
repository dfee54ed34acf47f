import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { npmToolCommand, pnpmCommand } from '../lib/commands.mjs';

const node = join('/node', 'bin', 'node');

function surroundings(managerPath: string | undefined, present: string[]) {
  return { execPath: node, managerPath, exists: (path: string) => present.includes(path) };
}

describe('pnpmCommand', () => {
  it('uses the pnpm that runs the script, which may be a standalone program', () => {
    const script = '/tools/pnpm/bin/pnpm.cjs';
    expect(pnpmCommand(surroundings(script, []))).toEqual({ file: node, args: [script] });
    const file = 'C:\\tools\\pnpm.exe';
    expect(pnpmCommand(surroundings(file, []))).toEqual({ file, args: [] });
  });

  it('uses the pinned pnpm through the npx of the npm that runs the script', () => {
    const npx = join('/npm', 'bin', 'npx-cli.js');
    const command = pnpmCommand(surroundings(join('/npm', 'bin', 'npm-cli.js'), [npx]));
    const pinned = expect.stringMatching(/^pnpm@\d+\.\d+\.\d+$/);
    expect(command).toEqual({ file: node, args: [npx, '--yes', pinned] });
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
