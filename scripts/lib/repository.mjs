import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds the root package.json. */
export const repositoryRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** @param {string} folder */
export function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** The versions that the root package.json pins: `x.y.z` of pnpm, and `>=x.y` of Node. */
export function readPins() {
  const { packageManager, engines } = readManifest(repositoryRoot);
  return { pnpmVersion: /^pnpm@([\d.]+)/.exec(packageManager)?.[1], nodeRange: engines.node };
}
