import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds the root package.json. */
export const repositoryRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * What the scripts need from the root package.json.
 *
 * @returns {{ pnpmVersion: string, nodeRange: string }}
 */
export function readPins() {
  const manifest = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8'));
  return { pnpmVersion: pnpmVersionOf(manifest.packageManager), nodeRange: manifest.engines.node };
}

/**
 * @param {string} packageManager - `pnpm@version`, with or without `+hash`
 * @returns {string}
 * @throws {RangeError} if it names no exact version of pnpm
 */
export function pnpmVersionOf(packageManager) {
  const match = /^pnpm@(\d+\.\d+\.\d+)(?:\+.*)?$/.exec(packageManager);
  if (match === null) {
    throw new RangeError(`pnpmVersionOf: "packageManager" expected pnpm@x.y.z, got ${packageManager}.`);
  }
  return match[1];
}
