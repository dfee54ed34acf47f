import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readManifest, repositoryRoot } from './repository.mjs';

const packages = join(repositoryRoot, 'packages');

/** The manifests of packages by folder. */
export const manifests = new Map(
  readdirSync(packages).map((name) => [name, readManifest(join(packages, name))]),
);

/**
 * The sources of what a package exports, for TypeDoc.
 *
 * @param {string} folder
 * @returns {string[]}
 */
export function entriesOf(folder) {
  return Object.values(manifests.get(folder).exports).flatMap(({ '@gru4rec/source': source }) =>
    source === undefined ? [] : join(packages, folder, source),
  );
}
